package io.memfabric.agent.hypervisor.libvirt;

import io.memfabric.agent.hypervisor.AttachedDisk;
import io.memfabric.agent.hypervisor.DiskToAttach;
import io.memfabric.agent.hypervisor.Exclusion;
import io.memfabric.agent.hypervisor.Hypervisor;
import io.memfabric.agent.hypervisor.HypervisorException;
import io.memfabric.agent.hypervisor.VirtualMachine;
import io.memfabric.agent.hypervisor.VirtualMachine.BalloonStatistics;
import io.memfabric.agent.hypervisor.VirtualMachine.State;
import io.memfabric.contract.vocabulary.MemorySize;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Collectors;

/// VMs through libvirt. Every native call is made on a platform thread with a deadline; what can wait
/// for a VM's job (its XML, its statistics period) is fetched in the background and shows at the next
/// look.
public final class LibvirtHypervisor implements Hypervisor {

    private static final System.Logger LOG = System.getLogger(LibvirtHypervisor.class.getName());
    private static final Duration LOOK_DEADLINE = Duration.ofSeconds(2);

    /// How many looks may hang at once, each in another VM.
    private static final int MAX_HANGING_LOOKS = 8;

    private static final Duration BALLOON_DEADLINE = Duration.ofSeconds(3);
    private static final Duration STATISTICS_PERIOD = Duration.ofSeconds(1);

    private final PlatformCalls calls = new PlatformCalls();
    private final LibvirtLink link;
    private final LibvirtDisks disks;
    private final Map<UUID, DomainWatch> watches = new ConcurrentHashMap<>();
    private final ReentrantLock looking = new ReentrantLock();
    private int looks;

    /// @param uri libvirt's connection URI; it need not be reachable yet
    public LibvirtHypervisor(String uri) {
        link = new LibvirtLink(uri, calls);
        disks = new LibvirtDisks(link, calls);
    }

    @Override
    public List<VirtualMachine> machines() throws HypervisorException {
        try {
            if (!looking.tryLock(LOOK_DEADLINE.toMillis() * 2, TimeUnit.MILLISECONDS)) {
                throw new HypervisorException(
                        HypervisorException.LIBVIRT_TIMEOUT,
                        "other looks at the VMs take too long");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new HypervisorException(
                    HypervisorException.LIBVIRT_TIMEOUT, "interrupted while waiting", e);
        }
        try {
            LibvirtSession session = link.session();
            List<DomainStatistics> all = statistics(session);
            Set<UUID> ids = all.stream().map(DomainStatistics::id).collect(Collectors.toSet());
            watches.keySet().retainAll(ids);
            disks.retain(ids);
            List<VirtualMachine> machines = new ArrayList<>(all.size());
            for (DomainStatistics domain : all) {
                machines.add(machine(session, domain));
            }
            return machines;
        } finally {
            looking.unlock();
        }
    }

    /// A QEMU that does not answer holds up the look that asks it. That look keeps the VM's job, so
    /// the next one, which waits for no job, passes by: one hanging VM costs one look.
    private List<DomainStatistics> statistics(LibvirtSession session) throws HypervisorException {
        try {
            return link.watched(
                    session,
                    () -> calls.call("statistics " + looks, LOOK_DEADLINE, session::statistics));
        } catch (HypervisorException e) {
            if (e.code().equals(HypervisorException.LIBVIRT_TIMEOUT)
                    || e.code().equals(HypervisorException.VM_BUSY)) {
                looks = (looks + 1) % MAX_HANGING_LOOKS;
            }
            throw e;
        }
    }

    private VirtualMachine machine(LibvirtSession session, DomainStatistics domain) {
        long now = System.nanoTime();
        DomainWatch watch = watches.computeIfAbsent(domain.id(), _ -> new DomainWatch());
        State state = state(domain);
        watch.seen(domain.runId(), state == State.RUNNING, now);
        if (state != State.OFF) {
            Long usable = domain.figure("usable");
            Long updated = domain.figure("last-update");
            if (usable != null && updated != null && updated > 0) {
                watch.statistics(new BalloonStatistics(bytes(usable), updated), now);
            }
            examine(session, domain.id(), watch, now);
        }
        Exclusion exclusion =
                switch (state) {
                    case RUNNING -> watch.exclusion(now);
                    case PAUSED -> Exclusion.PAUSED;
                    case OFF -> Exclusion.NOT_RUNNING;
                };
        DomainFacts facts = watch.facts();
        long maxBytes = bytes(domain.figures().getOrDefault("maximum", 0L));
        return new VirtualMachine(
                domain.id(),
                domain.name(),
                state,
                maxBytes,
                watch.ceilingBytes(maxBytes),
                bytes(domain.figures().getOrDefault("current", 0L)),
                watch.statistics(),
                facts == null || state == State.OFF ? null : facts.guestChannel(),
                exclusion);
    }

    /// Starts what has to be asked about the domain and may take its time.
    private void examine(LibvirtSession session, UUID id, DomainWatch watch, long now) {
        calls.tryInBackground(
                "job of " + id,
                () -> quietly(() -> watch.job(session.hasJob(id), System.nanoTime())));
        if (watch.factsAreDue(now)) {
            calls.tryInBackground(
                    "definition of " + id, () -> quietly(() -> readFacts(session, id, watch)));
        }
        if (watch.takePeriodTry(now)) {
            calls.tryInBackground(
                    "statistics period of " + id,
                    () ->
                            quietly(
                                    () -> {
                                        session.setStatisticsPeriod(id, STATISTICS_PERIOD);
                                        watch.periodSet();
                                    }));
        }
    }

    private static void readFacts(LibvirtSession session, UUID id, DomainWatch watch)
            throws HypervisorException, IOException {
        DomainFacts running = DomainFacts.parse(session.xml(id));
        Optional<String> definition = session.definitionXml(id);
        Long ceiling =
                definition.isPresent()
                        ? (Long) DomainFacts.parse(definition.get()).currentMemoryBytes()
                        : null;
        watch.facts(running, ceiling, System.nanoTime());
    }

    private interface Question {
        void ask() throws HypervisorException, IOException;
    }

    /// A question that fails leaves its fact unknown, which excludes the VM; it is asked again.
    private static void quietly(Question question) {
        try {
            question.ask();
        } catch (HypervisorException | IOException e) {
            LOG.log(Level.DEBUG, "{0}", e.getMessage());
        }
    }

    @Override
    public void setBalloon(UUID vmId, MemorySize target) throws HypervisorException {
        LibvirtSession session = link.session();
        link.watched(
                session,
                () ->
                        calls.call(
                                "balloon of " + vmId,
                                BALLOON_DEADLINE,
                                () -> {
                                    session.setMemory(vmId, target);
                                    return target;
                                }));
    }

    @Override
    public AttachedDisk attachDisk(UUID vmId, DiskToAttach disk) throws HypervisorException {
        return disks.attach(vmId, disk);
    }

    @Override
    public void detachDisk(UUID vmId, String serial) throws HypervisorException {
        disks.detach(vmId, serial);
    }

    @Override
    public List<AttachedDisk> disks(UUID vmId) throws HypervisorException {
        return disks.list(vmId);
    }

    @Override
    public void close() {
        link.close();
        calls.close();
    }

    /// `virDomainState`: 1 running, 2 blocked; a domain without a run has no memory to speak of.
    private static State state(DomainStatistics domain) {
        if (domain.runId() < 0) {
            return State.OFF;
        }
        return domain.state() == 1 || domain.state() == 2 ? State.RUNNING : State.PAUSED;
    }

    private static long bytes(long kib) {
        return kib <= 0 ? 0 : MemorySize.ofKib(kib).bytes();
    }
}
