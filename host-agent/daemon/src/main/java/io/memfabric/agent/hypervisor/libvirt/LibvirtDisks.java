package io.memfabric.agent.hypervisor.libvirt;

import io.memfabric.agent.hypervisor.AttachedDisk;
import io.memfabric.agent.hypervisor.DiskToAttach;
import io.memfabric.agent.hypervisor.HypervisorException;
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

/// Plugs disks into running domains and takes them away. What counts is never that a call succeeded
/// but what the running domain shows afterwards.
final class LibvirtDisks {

    private static final System.Logger LOG = System.getLogger(LibvirtDisks.class.getName());
    private static final Duration XML_DEADLINE = Duration.ofSeconds(10);
    private static final Duration ATTACH_DEADLINE = Duration.ofSeconds(30);
    private static final Duration REMOVAL_DEADLINE = Duration.ofSeconds(60);
    private static final Duration LOCK_DEADLINE = Duration.ofMinutes(2);

    /// A guest that was booting when it was asked may have missed it.
    private static final Duration ASK_AGAIN = Duration.ofSeconds(15);

    private static final Duration POLL = Duration.ofMillis(100);

    private final LibvirtLink link;
    private final PlatformCalls calls;
    private final MonitorDisks byMonitor;
    private final Map<UUID, ReentrantLock> locks = new ConcurrentHashMap<>();

    LibvirtDisks(LibvirtLink link, PlatformCalls calls) {
        this.link = link;
        this.calls = calls;
        this.byMonitor = new MonitorDisks(new QemuMonitor(link, calls));
    }

    /// A running domain: what libvirt says of it, and its disks, those that only QEMU knows included.
    private record Look(DomainFacts facts, List<AttachedDisk> disks) {
        Optional<AttachedDisk> disk(String serial) {
            return disks.stream().filter(disk -> disk.serial().equals(serial)).findFirst();
        }
    }

    /// Forgets domains that are gone.
    void retain(Set<UUID> vmIds) {
        locks.entrySet()
                .removeIf(entry -> !vmIds.contains(entry.getKey()) && !entry.getValue().isLocked());
    }

    /// The disks of the running domain; none where it does not run.
    List<AttachedDisk> list(UUID vmId) throws HypervisorException {
        return locked(vmId, () -> look(vmId).map(Look::disks).orElse(List.of()));
    }

    AttachedDisk attach(UUID vmId, DiskToAttach disk) throws HypervisorException {
        return locked(vmId, () -> attachLocked(vmId, disk));
    }

    void detach(UUID vmId, String serial) throws HypervisorException {
        locked(
                vmId,
                () -> {
                    detachLocked(vmId, serial);
                    return serial;
                });
    }

    private AttachedDisk attachLocked(UUID vmId, DiskToAttach disk) throws HypervisorException {
        Look before =
                look(vmId)
                        .orElseThrow(
                                () ->
                                        new HypervisorException(
                                                HypervisorException.VM_NOT_RUNNING,
                                                "the VM does not run"));
        Optional<AttachedDisk> there = before.disk(disk.serial());
        if (there.isPresent()) {
            return sameOrRefused(there.get(), disk);
        }
        try {
            switch (link.session().way()) {
                case DEFINITION ->
                        attachByXml(vmId, DiskXml.toAttach(disk, before.facts().freeTarget()));
                case MONITOR -> byMonitor.attach(vmId, disk, before.facts().pciPortsInUse());
            }
        } catch (HypervisorException e) {
            throw afterFailedAttach(vmId, disk.serial(), e);
        } catch (QemuMonitor.RefusedException e) {
            throw afterFailedAttach(
                    vmId,
                    disk.serial(),
                    new HypervisorException(
                            HypervisorException.ATTACH_FAILED, String.valueOf(e.getMessage()), e));
        }
        AttachedDisk attached = readBack(vmId, disk.serial());
        if (!isSafe(attached)) {
            detachLocked(vmId, disk.serial());
            throw new HypervisorException(
                    HypervisorException.ATTACH_FAILED,
                    "QEMU does not hold this disk as it must: write policy '"
                            + attached.writeErrorPolicy()
                            + "', read policy '"
                            + attached.readErrorPolicy()
                            + "', reconnect delay "
                            + attached.reconnectSeconds());
        }
        LOG.log(
                Level.INFO,
                "attached {0} to {1} as {2} ({3}); errors pause the VM; reconnect delay in force:"
                        + " {4} s",
                disk.serial(),
                vmId,
                attached.target(),
                attached.way(),
                attached.reconnectSeconds());
        return attached;
    }

    private static boolean isSafe(AttachedDisk disk) {
        Integer delay = disk.reconnectSeconds();
        return disk.pausesOnError() && delay != null && delay == DiskXml.RECONNECT_SECONDS;
    }

    private void attachByXml(UUID vmId, String xml) throws HypervisorException {
        LibvirtSession session = link.session();
        link.watched(
                session,
                () ->
                        calls.call(
                                "disks of " + vmId,
                                ATTACH_DEADLINE,
                                () -> {
                                    session.attach(vmId, xml);
                                    return xml;
                                }));
    }

    private static AttachedDisk sameOrRefused(AttachedDisk there, DiskToAttach wanted)
            throws HypervisorException {
        if (wanted.socket().equals(there.socket())
                && wanted.exportName().equals(there.exportName())
                && there.pausesOnError()) {
            return there;
        }
        throw new HypervisorException(
                HypervisorException.ATTACH_FAILED,
                "the VM has another disk with the serial " + wanted.serial());
    }

    private HypervisorException afterFailedAttach(
            UUID vmId, String serial, HypervisorException cause) {
        boolean surelyAbsent;
        try {
            surelyAbsent =
                    !cause.code().equals(HypervisorException.LIBVIRT_TIMEOUT)
                            && look(vmId).flatMap(seen -> seen.disk(serial)).isEmpty();
        } catch (HypervisorException e) {
            surelyAbsent = false;
        }
        boolean telling =
                cause.code().equals(HypervisorException.VM_NOT_FOUND)
                        || cause.code().equals(HypervisorException.VM_NOT_RUNNING);
        String code =
                !surelyAbsent
                        ? HypervisorException.ATTACH_UNCERTAIN
                        : telling ? cause.code() : HypervisorException.ATTACH_FAILED;
        return new HypervisorException(code, String.valueOf(cause.getMessage()), cause);
    }

    private AttachedDisk readBack(UUID vmId, String serial) throws HypervisorException {
        try {
            return look(vmId)
                    .flatMap(seen -> seen.disk(serial))
                    .orElseThrow(
                            () ->
                                    new HypervisorException(
                                            HypervisorException.ATTACH_FAILED,
                                            "the running VM does not show the disk"));
        } catch (HypervisorException e) {
            if (e.code().equals(HypervisorException.ATTACH_FAILED)) {
                throw e;
            }
            throw new HypervisorException(
                    HypervisorException.ATTACH_UNCERTAIN, String.valueOf(e.getMessage()), e);
        }
    }

    private void detachLocked(UUID vmId, String serial) throws HypervisorException {
        long start = System.nanoTime();
        long askAt = start;
        String lastAnswer = "the guest does not release it";
        while (System.nanoTime() - start < REMOVAL_DEADLINE.toNanos()) {
            Optional<Look> seen = look(vmId);
            Optional<AttachedDisk> disk = seen.flatMap(look -> look.disk(serial));
            if (disk.isEmpty()) {
                Optional<String> left =
                        seen.isPresent() && link.session().hasMonitor()
                                ? byMonitor.removeNodes(vmId, serial)
                                : Optional.empty();
                if (left.isEmpty()) {
                    return;
                }
                lastAnswer = left.get();
                pause();
                continue;
            }
            if (System.nanoTime() - askAt >= 0) {
                askAt = System.nanoTime() + ASK_AGAIN.toNanos();
                lastAnswer = requestRemoval(vmId, disk.get(), lastAnswer);
            }
            pause();
        }
        throw new HypervisorException(
                HypervisorException.DETACH_FAILED,
                "the disk " + serial + " is still there: " + lastAnswer);
    }

    private String requestRemoval(UUID vmId, AttachedDisk disk, String lastAnswer)
            throws HypervisorException {
        try {
            switch (disk.way()) {
                case DEFINITION -> detachByXml(vmId, DiskXml.toDetach(disk));
                case MONITOR -> byMonitor.requestRemoval(vmId, disk.serial());
            }
            return lastAnswer;
        } catch (QemuMonitor.RefusedException e) {
            return String.valueOf(e.getMessage());
        } catch (HypervisorException e) {
            if (e.code().equals(HypervisorException.LIBVIRT_DOWN)) {
                throw e;
            }
            // "Already in the process of unplug" is one of these: the next look tells.
            return String.valueOf(e.getMessage());
        }
    }

    private void detachByXml(UUID vmId, String xml) throws HypervisorException {
        LibvirtSession session = link.session();
        link.watched(
                session,
                () ->
                        calls.call(
                                "disks of " + vmId,
                                ATTACH_DEADLINE,
                                () -> {
                                    session.requestDetach(vmId, xml);
                                    return xml;
                                }));
    }

    private Optional<Look> look(UUID vmId) throws HypervisorException {
        Optional<DomainFacts> facts = facts(vmId);
        if (facts.isEmpty()) {
            return Optional.empty();
        }
        List<AttachedDisk> all = new ArrayList<>(facts.get().disks());
        if (link.session().hasMonitor()) {
            all.addAll(byMonitor.list(vmId));
        }
        return Optional.of(new Look(facts.get(), List.copyOf(all)));
    }

    /// What the running domain's XML says; empty where it does not run.
    private Optional<DomainFacts> facts(UUID vmId) throws HypervisorException {
        LibvirtSession session = link.session();
        return link.watched(
                session,
                () ->
                        calls.call(
                                "look at " + vmId,
                                XML_DEADLINE,
                                () ->
                                        session.isActive(vmId)
                                                ? Optional.of(parsed(session.xml(vmId)))
                                                : Optional.empty()));
    }

    private static DomainFacts parsed(String xml) throws HypervisorException {
        try {
            return DomainFacts.parse(xml);
        } catch (IOException e) {
            throw new HypervisorException(
                    HypervisorException.LIBVIRT_REFUSED, String.valueOf(e.getMessage()), e);
        }
    }

    private <T> T locked(UUID vmId, LibvirtLink.Work<T> work) throws HypervisorException {
        ReentrantLock lock = locks.computeIfAbsent(vmId, _ -> new ReentrantLock());
        try {
            if (!lock.tryLock(LOCK_DEADLINE.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new HypervisorException(
                        HypervisorException.VM_BUSY, "another disk of the VM is being changed");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new HypervisorException(
                    HypervisorException.VM_BUSY, "interrupted while waiting", e);
        }
        try {
            return work.run();
        } finally {
            lock.unlock();
        }
    }

    private static void pause() throws HypervisorException {
        try {
            Thread.sleep(POLL);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new HypervisorException(
                    HypervisorException.DETACH_FAILED, "interrupted while waiting", e);
        }
    }
}
