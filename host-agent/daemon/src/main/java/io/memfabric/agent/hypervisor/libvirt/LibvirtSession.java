package io.memfabric.agent.hypervisor.libvirt;

import com.sun.jna.NativeLong;
import com.sun.jna.Pointer;
import io.memfabric.agent.hypervisor.AttachedDisk.Way;
import io.memfabric.agent.hypervisor.HypervisorException;
import io.memfabric.contract.vocabulary.MemorySize;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.libvirt.Connect;
import org.libvirt.Domain;
import org.libvirt.DomainJobInfo;
import org.libvirt.LibvirtException;
import org.libvirt.jna.Libvirt;

/// One connection to libvirt. Its native handle is released only when no call is inside any more:
/// libvirt itself does not guard a connection against being closed in mid-call.
final class LibvirtSession {

    private static final int KEEP_ALIVE_SECONDS = 5;
    private static final int KEEP_ALIVE_PROBES = 3;
    private static final long KIB = MemorySize.ofKib(1).bytes();

    /// `virErrorNumber`s.
    private static final int ERR_NO_DOMAIN = 42;

    private static final int ERR_OPERATION_INVALID = 55;

    /// libvirt prints every error to stderr unless told otherwise; ours reach the log as exceptions.
    private static final Libvirt.VirErrorCallback SILENCE = (_, _) -> {};

    private final Handle handle;
    private final boolean hasMonitor;
    private final Way way;
    private int callsInside;
    private boolean retired;

    private LibvirtSession(Handle handle) throws LibvirtException {
        this.handle = handle;
        hasMonitor = handle.getType().equals("QEMU");
        way = hasMonitor && !passesReconnectDelay(handle) ? Way.MONITOR : Way.DEFINITION;
    }

    /// Whether this libvirt hands a disk's reconnect delay on to QEMU: it is asked for the words with
    /// which it would start a QEMU, and starts none. libvirt 9.0 takes the delay and drops it.
    private static boolean passesReconnectDelay(Handle handle) {
        try {
            return handle.domainXMLToNative("qemu-argv", DiskXml.toProbe(), 0)
                    .contains("\"reconnect-delay\":" + DiskXml.RECONNECT_SECONDS);
        } catch (LibvirtException e) {
            return false;
        }
    }

    /// How disks are to be attached here.
    Way way() {
        return way;
    }

    /// Whether there is a QEMU behind it with a monitor.
    boolean hasMonitor() {
        return hasMonitor;
    }

    /// Connects; may take as long as libvirt likes.
    static LibvirtSession open(String uri) throws HypervisorException {
        try {
            LibvirtEvents.start();
            Connect.setErrorCallback(SILENCE);
            Handle handle = new Handle(uri);
            if (!uri.startsWith("test:")) {
                handle.setKeepAlive(KEEP_ALIVE_SECONDS, KEEP_ALIVE_PROBES);
            }
            return new LibvirtSession(handle);
        } catch (LibvirtException e) {
            throw new HypervisorException(
                    HypervisorException.LIBVIRT_DOWN, uri + ": " + e.getMessage(), e);
        } catch (UnsatisfiedLinkError | NoClassDefFoundError e) {
            throw new HypervisorException(
                    HypervisorException.LIBVIRT_DOWN,
                    "libvirt's library cannot be loaded: " + e.getMessage(),
                    e);
        }
    }

    /// Whether its native connection is closed.
    synchronized boolean isReleased() {
        return retired && callsInside == 0;
    }

    /// Ends the session once the calls inside it have returned.
    synchronized void retire() {
        retired = true;
        if (callsInside == 0) {
            handle.release();
        }
    }

    List<DomainStatistics> statistics() throws HypervisorException {
        return inside(h -> DomainStatistics.all(h.pointer()));
    }

    /// Sets the memory of the running domain, never of its definition.
    void setMemory(UUID vmId, MemorySize size) throws HypervisorException {
        long kib = Math.ceilDiv(size.bytes(), KIB);
        onDomain(
                vmId,
                "virDomainSetMemoryFlags",
                domain ->
                        LibvirtNative.LIBRARY.virDomainSetMemoryFlags(
                                domain, new NativeLong(kib), LibvirtNative.AFFECT_LIVE));
    }

    void setStatisticsPeriod(UUID vmId, Duration period) throws HypervisorException {
        onDomain(
                vmId,
                "virDomainSetMemoryStatsPeriod",
                domain ->
                        LibvirtNative.LIBRARY.virDomainSetMemoryStatsPeriod(
                                domain, (int) period.toSeconds(), LibvirtNative.AFFECT_LIVE));
    }

    /// The XML of the running domain, or of its definition where it is off.
    String xml(UUID vmId) throws HypervisorException {
        return withDomain(vmId, domain -> domain.getXMLDesc(0));
    }

    /// The XML of the definition that outlives this run; empty for a domain without one.
    Optional<String> definitionXml(UUID vmId) throws HypervisorException {
        return withDomain(
                vmId,
                domain ->
                        domain.isPersistent() == 1
                                ? Optional.of(domain.getXMLDesc(Domain.XMLFlags.INACTIVE))
                                : Optional.empty());
    }

    /// Says a command to QEMU's monitor and answers what QEMU says.
    String monitor(UUID vmId, String command) throws HypervisorException {
        return withDomain(vmId, domain -> domain.qemuMonitorCommand(command, 0));
    }

    boolean isActive(UUID vmId) throws HypervisorException {
        return withDomain(vmId, domain -> domain.isActive() == 1);
    }

    boolean hasJob(UUID vmId) throws HypervisorException {
        return withDomain(
                vmId,
                domain -> {
                    DomainJobInfo job = domain.getJobInfo();
                    return job.getType() == 1 || job.getType() == 2;
                });
    }

    void attach(UUID vmId, String deviceXml) throws HypervisorException {
        withDomain(
                vmId,
                domain -> {
                    domain.attachDeviceFlags(deviceXml, LibvirtNative.AFFECT_LIVE);
                    return true;
                });
    }

    /// Asks for the removal; the guest has its say in when it happens.
    void requestDetach(UUID vmId, String deviceXml) throws HypervisorException {
        withDomain(
                vmId,
                domain -> {
                    domain.detachDeviceFlags(deviceXml, LibvirtNative.AFFECT_LIVE);
                    return true;
                });
    }

    /// libvirt-java keeps a domain's native handle to itself, so its calls and ours look it up apart.
    private void onDomain(UUID vmId, String call, NativeDomainCall use) throws HypervisorException {
        LibvirtNative library = LibvirtNative.LIBRARY;
        inside(
                h -> {
                    Pointer domain =
                            library.virDomainLookupByUUIDString(h.pointer(), vmId.toString());
                    if (domain == null) {
                        throw NativeCallException.last("virDomainLookupByUUIDString");
                    }
                    try {
                        if (use.on(domain) < 0) {
                            throw NativeCallException.last(call);
                        }
                        return true;
                    } finally {
                        library.virDomainFree(domain);
                    }
                });
    }

    private <T> T withDomain(UUID vmId, Call<Domain, T> use) throws HypervisorException {
        return inside(
                h -> {
                    Domain domain = h.domainLookupByUUIDString(vmId.toString());
                    try {
                        return use.on(domain);
                    } finally {
                        domain.free();
                    }
                });
    }

    private <T> T inside(Call<Handle, T> use) throws HypervisorException {
        synchronized (this) {
            if (retired) {
                throw new HypervisorException(
                        HypervisorException.LIBVIRT_DOWN, "the connection was lost");
            }
            callsInside++;
        }
        try {
            return use.on(handle);
        } catch (LibvirtException e) {
            throw translated(
                    switch (e.getError().getCode()) {
                        case VIR_ERR_NO_DOMAIN -> ERR_NO_DOMAIN;
                        case VIR_ERR_OPERATION_INVALID -> ERR_OPERATION_INVALID;
                        default -> 0;
                    },
                    e);
        } catch (NativeCallException e) {
            throw translated(e.number(), e);
        } finally {
            synchronized (this) {
                callsInside--;
                if (retired && callsInside == 0) {
                    handle.release();
                }
            }
        }
    }

    private HypervisorException translated(int number, Exception cause) {
        String code =
                switch (number) {
                    case ERR_NO_DOMAIN -> HypervisorException.VM_NOT_FOUND;
                    case ERR_OPERATION_INVALID -> HypervisorException.VM_NOT_RUNNING;
                    default ->
                            handle.isLost()
                                    ? HypervisorException.LIBVIRT_DOWN
                                    : HypervisorException.LIBVIRT_REFUSED;
                };
        return new HypervisorException(code, String.valueOf(cause.getMessage()), cause);
    }

    private interface Call<S, T> {
        T on(S subject) throws LibvirtException, NativeCallException;
    }

    private interface NativeDomainCall {
        int on(Pointer domain);
    }

    /// libvirt-java keeps its native handles protected; a subclass may see them.
    private static final class Handle extends Connect {

        Handle(String uri) throws LibvirtException {
            super(uri);
        }

        Pointer pointer() {
            return vcp.getPointer();
        }

        boolean isLost() {
            try {
                return !isAlive();
            } catch (LibvirtException e) {
                return true;
            }
        }

        void release() {
            try {
                close();
            } catch (LibvirtException e) {
                // Nothing is left to be closed.
            }
        }
    }
}
