package io.memfabric.lab.demo;

import io.memfabric.contract.vocabulary.FabricLimits;
import io.memfabric.contract.vocabulary.HarvestMode;
import io.memfabric.contract.vocabulary.MemorySize;
import io.memfabric.lab.Await;
import io.memfabric.lab.Lab;
import io.memfabric.lab.LabException;
import io.memfabric.lab.LabHost;
import io.memfabric.lab.LabVm;
import io.memfabric.lab.VmPlan;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/// The main job on a lab, step by step: memory that idles in the VM `idle` of host a becomes swap of
/// the VM `busy` of host b, and comes back. Every step measures on the VMs and the hosts.
public final class MainJob {

    public static final String LENDER = "a";
    public static final String BORROWER = "b";

    /// The host of the second copies, in a lab of three hosts or more.
    public static final String SECOND_LENDER = "c";

    /// More than `busy` has, less than `busy` and the grant together.
    public static final MemorySize WORKLOAD = MemorySize.ofMib(320);

    public static final MemorySize GRANT = MemorySize.ofMib(256);

    private static final MemorySize IDLE_MEMORY = MemorySize.ofMib(512);
    private static final MemorySize BUSY_MEMORY = MemorySize.ofMib(192);

    /// What `idle` once read and keeps in its page cache: memory that the guest uses for nothing
    /// and that only a balloon can take.
    private static final MemorySize IDLE_DISK = MemorySize.ofMib(400);

    /// What `idle` needs when it wakes up: most of its memory.
    private static final MemorySize WAKE_UP = MemorySize.ofMib(384);

    private static final Duration WORKLOAD_LIMIT = Duration.ofMinutes(3);

    private final Lab lab;
    private final Fabric fabric;
    private final Consumer<String> say;

    public MainJob(Lab lab, Consumer<String> say) {
        this.lab = lab;
        this.fabric = new Fabric(lab.broker().client());
        this.say = say;
    }

    public LabHost lender() {
        return lab.host(LENDER);
    }

    /// Whether there is a second lender.
    public boolean mirrored() {
        return lab.hosts().size() > 2;
    }

    public LabHost secondLender() {
        return lab.host(SECOND_LENDER);
    }

    /// Every host that lends, the one that is measured first.
    public List<LabHost> lenders() {
        return mirrored() ? List.of(lender(), secondLender()) : List.of(lender());
    }

    /// The VM that idles on a lender.
    public static LabVm idleOf(LabHost lender) {
        return lender.vm(lender.name().equals(LENDER) ? "idle" : "idle-" + lender.name());
    }

    public LabHost borrower() {
        return lab.host(BORROWER);
    }

    public LabVm idle() {
        return idleOf(lender());
    }

    public LabVm busy() {
        return borrower().vm("busy");
    }

    public Fabric fabric() {
        return fabric;
    }

    /// The VMs that the job needs, and one that idles on every host beyond.
    public static List<VmPlan> vms(int hosts) {
        List<VmPlan> plans = new ArrayList<>();
        plans.add(VmPlan.of(LENDER, "idle", IDLE_MEMORY).withDisk(IDLE_DISK));
        plans.add(VmPlan.of(BORROWER, "busy", BUSY_MEMORY));
        for (int i = 2; i < hosts; i++) {
            String host = Lab.hostName(i);
            VmPlan idle = VmPlan.of(host, "idle-" + host, IDLE_MEMORY);
            plans.add(host.equals(SECOND_LENDER) ? idle.withDisk(IDLE_DISK) : idle);
        }
        return plans;
    }

    /// Fills the page caches of the VMs that idle and waits until the broker knows the hosts and the
    /// VMs.
    public void awaitReady() {
        // The kernel drops a disk's cache when its last user closes it: one keeps it open.
        lenders().parallelStream()
                .map(MainJob::idleOf)
                .forEach(
                        vm ->
                                vm.ask(
                                        "sleep 1000000 < /dev/vda > /dev/null 2>&1 &"
                                                + " cat /dev/vda > /dev/null"));
        lab.hosts().forEach(fabric::awaitHost);
        lenders().forEach(host -> fabric.awaitVm(idleOf(host).id()));
        fabric.awaitVm(busy().id());
    }

    /// Runs the workload in `busy`, whatever comes of it.
    public PageCount runWorkload() {
        return stamp(busy(), WORKLOAD);
    }

    private static PageCount stamp(LabVm vm, MemorySize size) {
        long mib = size.bytes() / MemorySize.ofMib(1).bytes();
        return PageCount.of(vm.run("workload stamp --mib " + mib, WORKLOAD_LIMIT));
    }

    /// Lets the lenders harvest and waits until the balloon of `idle` has come to rest.
    public Harvested harvest() {
        MemorySize idleBytes = idle().meminfo("MemAvailable");
        MemorySize balloon = idle().balloon();
        MemorySize resident = idle().resident();
        lenders().forEach(host -> fabric.setMode(host.name(), HarvestMode.HARVEST));
        MemorySize expected = balloon.minusOrZero(MemorySize.ofBytes(idleBytes.bytes() / 4 * 3));
        MemorySize rest = new Settling(idle()::balloon, say).awaitRest(balloon, expected);
        return new Harvested(idleBytes, balloon, rest, resident, idle().resident());
    }

    /// Waits until every lender offers enough regions for a copy of the grant.
    ///
    /// @return the regions of host a
    public Fabric.Regions awaitRegions() {
        long wanted = GRANT.bytes() / FabricLimits.REGION.bytes();
        for (LabHost host : lenders()) {
            Await.that(
                    "host " + host.name() + " to lend " + wanted + " regions",
                    Duration.ofSeconds(30),
                    () -> fabric.regions(host.name()).free() >= wanted);
        }
        return fabric.regions(LENDER);
    }

    /// Grants memory to `busy`, with a copy at every lender, and waits until its kernel swaps to it.
    public UUID grant() {
        UUID grant = fabric.grant(busy().id(), GRANT, lenders().size());
        String state = fabric.grantState(grant);
        if (!state.equals("ACTIVE")) {
            throw new LabException("the grant is " + state + ", not ACTIVE");
        }
        if (busy().swaps().size() != 1) {
            throw new LabException("the guest has no swap: " + busy().swaps());
        }
        return grant;
    }

    /// Releases the grant and waits until the guest has no swap any more.
    public void release(UUID grant) {
        fabric.release(grant);
        String state = fabric.grantState(grant);
        if (!state.equals("RELEASED")) {
            throw new LabException("the grant is " + state + ", not RELEASED");
        }
        if (!busy().swaps().isEmpty()) {
            throw new LabException("the guest still has swap: " + busy().swaps());
        }
    }

    /// Lets the VM that idles on a lender use most of its memory and watches what its host gives
    /// back.
    ///
    /// @param lent balloon and regions of the lender while the grant was in force
    /// @return the best moment, and what the VM's own workload counted
    public WakeUp wakeUp(LabHost host, Returned lent) {
        LabVm idle = idleOf(host);
        CompletableFuture<PageCount> own =
                CompletableFuture.supplyAsync(
                        () -> stamp(idle, WAKE_UP), Thread::startVirtualThread);
        Returned best = lent;
        long end = System.nanoTime() + WORKLOAD_LIMIT.toNanos();
        long quiet = Long.MAX_VALUE;
        while (System.nanoTime() < Math.min(end, quiet) && best.shareOf(GRANT) < 1) {
            Returned now =
                    new Returned(
                            lent.balloonAtGrant(),
                            idle.balloon(),
                            lent.regionsAtGrant(),
                            host.agent().regionsResident());
            if (now.bytes().compareTo(best.bytes()) > 0) {
                best = now;
            }
            if (own.isDone() && quiet == Long.MAX_VALUE) {
                quiet = System.nanoTime() + Duration.ofSeconds(10).toNanos();
            }
            Await.pause(Duration.ofMillis(200));
        }
        return new WakeUp(host, best, own.join());
    }

    /// What came back when a VM woke up, and whether it could work.
    public record WakeUp(LabHost host, Returned returned, PageCount pages) {}

    /// Balloon and regions of a lender now, as the state that a later [Returned] starts from.
    public static Returned lent(LabHost host) {
        MemorySize balloon = idleOf(host).balloon();
        MemorySize regions = host.agent().regionsResident();
        return new Returned(balloon, balloon, regions, regions);
    }
}
