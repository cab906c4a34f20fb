package io.memfabric.agent.hypervisor.libvirt;

import io.memfabric.agent.hypervisor.AttachedDisk;
import io.memfabric.agent.hypervisor.DiskToAttach;
import io.memfabric.agent.hypervisor.HypervisorException;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/// Plugs disks into running domains and takes them away. What counts is never that a call succeeded
/// but what the running domain's XML shows afterwards.
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
    private final Map<UUID, ReentrantLock> locks = new ConcurrentHashMap<>();

    LibvirtDisks(LibvirtLink link, PlatformCalls calls) {
        this.link = link;
        this.calls = calls;
    }

    /// Forgets domains that are gone.
    void retain(Set<UUID> vmIds) {
        locks.entrySet()
                .removeIf(entry -> !vmIds.contains(entry.getKey()) && !entry.getValue().isLocked());
    }

    /// The disks of the running domain; none where it does not run.
    List<AttachedDisk> list(UUID vmId) throws HypervisorException {
        return locked(vmId, () -> facts(vmId).map(DomainFacts::disks).orElse(List.of()));
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
        DomainFacts facts =
                facts(vmId)
                        .orElseThrow(
                                () ->
                                        new HypervisorException(
                                                HypervisorException.VM_NOT_RUNNING,
                                                "the VM does not run"));
        Optional<AttachedDisk> before = facts.disk(disk.serial());
        if (before.isPresent()) {
            return sameOrRefused(before.get(), disk);
        }
        String xml = DiskXml.toAttach(disk, facts.freeTarget());
        LibvirtSession session = link.session();
        try {
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
        } catch (HypervisorException e) {
            throw afterFailedAttach(vmId, disk.serial(), e);
        }
        AttachedDisk attached = readBack(vmId, disk.serial());
        if (!attached.pausesOnError()) {
            detachLocked(vmId, disk.serial());
            throw new HypervisorException(
                    HypervisorException.ATTACH_FAILED,
                    "libvirt does not pause the VM at an error of this disk: write policy '"
                            + attached.writeErrorPolicy()
                            + "', read policy '"
                            + attached.readErrorPolicy()
                            + "'");
        }
        LOG.log(
                Level.INFO,
                "attached {0} to {1} as {2}; errors pause the VM; reconnect delay in force: {3}",
                disk.serial(),
                vmId,
                attached.target(),
                attached.reconnectSeconds() == null ? "none" : attached.reconnectSeconds() + " s");
        return attached;
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
                            && facts(vmId).flatMap(f -> f.disk(serial)).isEmpty();
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
            return facts(vmId)
                    .flatMap(facts -> facts.disk(serial))
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
            Optional<AttachedDisk> disk = facts(vmId).flatMap(facts -> facts.disk(serial));
            if (disk.isEmpty()) {
                return;
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
        LibvirtSession session = link.session();
        try {
            link.watched(
                    session,
                    () ->
                            calls.call(
                                    "disks of " + vmId,
                                    ATTACH_DEADLINE,
                                    () -> {
                                        session.requestDetach(vmId, DiskXml.toDetach(disk));
                                        return disk;
                                    }));
            return lastAnswer;
        } catch (HypervisorException e) {
            if (e.code().equals(HypervisorException.LIBVIRT_DOWN)) {
                throw e;
            }
            // "Already in the process of unplug" is one of these: the XML tells what came of it.
            return String.valueOf(e.getMessage());
        }
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
