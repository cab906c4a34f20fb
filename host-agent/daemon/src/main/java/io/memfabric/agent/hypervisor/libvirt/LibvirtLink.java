package io.memfabric.agent.hypervisor.libvirt;

import io.memfabric.agent.hypervisor.HypervisorException;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Keeps one session with libvirt: opened in the background, opened again with back-off when it is
/// lost. Nobody waits for a connection; without one every call fails at once.
final class LibvirtLink implements AutoCloseable {

    private static final System.Logger LOG = System.getLogger(LibvirtLink.class.getName());

    /// Connections that wait for a hanging call to return, beside the one in use.
    private static final int MAX_HANGING = 8;

    private static final Duration FIRST_BACK_OFF = Duration.ofMillis(500);
    private static final Duration LAST_BACK_OFF = Duration.ofSeconds(15);

    private final String uri;
    private final PlatformCalls calls;
    private final List<LibvirtSession> hanging = new ArrayList<>();
    private @Nullable LibvirtSession session;
    private String problem = "not connected yet";
    private Duration backOff = FIRST_BACK_OFF;
    private long nextTryAt = System.nanoTime();
    private boolean closed;

    LibvirtLink(String uri, PlatformCalls calls) {
        this.uri = uri;
        this.calls = calls;
    }

    /// The session, if there is one.
    ///
    /// @throws HypervisorException `libvirt_down` without one; a try to connect is under way then or
    ///     follows
    synchronized LibvirtSession session() throws HypervisorException {
        if (session != null) {
            return session;
        }
        if (!closed && System.nanoTime() - nextTryAt >= 0) {
            nextTryAt = System.nanoTime() + backOff.toNanos();
            calls.tryInBackground("connection", this::connect);
        }
        throw new HypervisorException(HypervisorException.LIBVIRT_DOWN, problem);
    }

    interface Work<T> {
        T run() throws HypervisorException;
    }

    /// Runs a call of this session and gives the session up where the call shows that it is lost. A
    /// call that hangs costs it too: libvirt takes only a handful of calls of one connection at a
    /// time, and the hanging one would count among them.
    <T> T watched(LibvirtSession used, Work<T> work) throws HypervisorException {
        try {
            return work.run();
        } catch (HypervisorException e) {
            if (e.code().equals(HypervisorException.LIBVIRT_DOWN)) {
                lost(used, e.code(), String.valueOf(e.getMessage()));
            } else if (e.code().equals(HypervisorException.LIBVIRT_TIMEOUT)) {
                replace(used, String.valueOf(e.getMessage()));
            }
            throw e;
        }
    }

    private synchronized void replace(LibvirtSession used, String why) {
        hanging.removeIf(LibvirtSession::isReleased);
        if (session == used && hanging.size() < MAX_HANGING) {
            hanging.add(used);
            lost(used, HypervisorException.LIBVIRT_TIMEOUT, why);
        }
    }

    private void connect() {
        try {
            LibvirtSession opened = LibvirtSession.open(uri);
            synchronized (this) {
                if (closed) {
                    opened.retire();
                    return;
                }
                session = opened;
                backOff = FIRST_BACK_OFF;
            }
            LOG.log(
                    Level.INFO,
                    "connected to libvirt at {0}; disks are attached through {1}",
                    uri,
                    switch (opened.way()) {
                        case DEFINITION -> "libvirt";
                        case MONITOR ->
                                "QEMU's monitor: this libvirt does not hand on a reconnect delay";
                    });
        } catch (HypervisorException e) {
            synchronized (this) {
                problem = String.valueOf(e.getMessage());
                backOff = min(backOff.multipliedBy(2), LAST_BACK_OFF);
                nextTryAt = System.nanoTime() + backOff.toNanos();
            }
            LOG.log(Level.WARNING, "{0}: {1}", e.code(), e.getMessage());
        }
    }

    private synchronized void lost(LibvirtSession used, String code, String why) {
        if (session == used) {
            session = null;
            problem = why;
            nextTryAt = System.nanoTime();
            used.retire();
            LOG.log(Level.WARNING, "{0}: {1}", code, why);
        }
    }

    @Override
    public synchronized void close() {
        closed = true;
        if (session != null) {
            session.retire();
            session = null;
        }
    }

    private static Duration min(Duration a, Duration b) {
        return a.compareTo(b) <= 0 ? a : b;
    }
}
