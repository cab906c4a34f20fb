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

    public LabHost borrower() {
        return lab.host(BORROWER);
    }

    public LabVm idle() {
        return lender().vm("idle");
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
            plans.add(VmPlan.of(host, "idle-" + host, IDLE_MEMORY));
        }
        return plans;
    }

    /// Fills the page cache of `idle` and waits until the broker knows the hosts and the VMs.
    public void awaitReady() {
        // The kernel drops a disk's cache when its last user closes it: one keeps it open.
        idle().ask("sleep 1000000 < /dev/vda > /dev/null 2>&1 & cat /dev/vda > /dev/null");
        lab.hosts().forEach(fabric::awaitHost);
        fabric.awaitVm(idle().id());
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

    /// Lets host a harvest and waits until the balloon of `idle` has come to rest.
    public Harvested harvest() {
        MemorySize idleBytes = idle().meminfo("MemAvailable");
        MemorySize balloon = idle().balloon();
        MemorySize resident = idle().resident();
        fabric.setMode(LENDER, HarvestMode.HARVEST);
        MemorySize expected = balloon.minusOrZero(MemorySize.ofBytes(idleBytes.bytes() / 4 * 3));
        MemorySize rest = new Settling(idle()::balloon, say).awaitRest(balloon, expected);
        return new Harvested(idleBytes, balloon, rest, resident, idle().resident());
    }

    /// Waits until the lender offers enough regions for the grant.
    public Fabric.Regions awaitRegions() {
        long wanted = GRANT.bytes() / FabricLimits.REGION.bytes();
        Await.that(
                "host a to lend " + wanted + " regions",
                Duration.ofSeconds(30),
                () -> fabric.regions(LENDER).free() >= wanted);
        return fabric.regions(LENDER);
    }

    /// Grants memory to `busy` and waits until its kernel swaps to it.
    public UUID grant() {
        UUID grant = fabric.grant(busy().id(), GRANT);
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

    /// Lets `idle` use most of its memory and watches what its host gives back.
    ///
    /// @param lent balloon and regions of the lender while the grant was in force
    /// @return the best moment, and what the VM's own workload counted
    public WakeUp wakeUp(Returned lent) {
        CompletableFuture<PageCount> own =
                CompletableFuture.supplyAsync(
                        () -> stamp(idle(), WAKE_UP), Thread::startVirtualThread);
        Returned best = lent;
        long end = System.nanoTime() + WORKLOAD_LIMIT.toNanos();
        long quiet = Long.MAX_VALUE;
        while (System.nanoTime() < Math.min(end, quiet) && best.shareOf(GRANT) < 1) {
            Returned now =
                    new Returned(
                            lent.balloonAtGrant(),
                            idle().balloon(),
                            lent.regionsAtGrant(),
                            lender().agent().regionsResident());
            if (now.bytes().compareTo(best.bytes()) > 0) {
                best = now;
            }
            if (own.isDone() && quiet == Long.MAX_VALUE) {
                quiet = System.nanoTime() + Duration.ofSeconds(10).toNanos();
            }
            Await.pause(Duration.ofMillis(200));
        }
        return new WakeUp(best, own.join());
    }

    /// What came back when `idle` woke up, and whether it could work.
    public record WakeUp(Returned returned, PageCount pages) {}

    /// Balloon and regions of the lender now, as the state that a later [Returned] starts from.
    public Returned lent() {
        MemorySize balloon = idle().balloon();
        MemorySize regions = lender().agent().regionsResident();
        return new Returned(balloon, balloon, regions, regions);
    }
}
