package io.memfabric.agent.systemd;

import java.io.IOException;
import java.lang.System.Logger.Level;
import java.lang.foreign.Arena;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/// Who started this process and keeps its descriptors when it dies: systemd, see sd_notify(3) and
/// sd_listen_fds(3), or whoever speaks that protocol. Where there is none, nothing is kept and nobody
/// is told anything. Safe for use by several threads.
public final class Supervisor {

    private static final System.Logger LOG = System.getLogger(Supervisor.class.getName());

    /// `SD_LISTEN_FDS_START`.
    private static final int FIRST_DESCRIPTOR = 3;

    private static final int MOST_DESCRIPTORS = 1 << 16;
    private static final int MOST_NAME = 255;

    private final Optional<String> socket;
    private final Optional<Duration> watchdog;
    private final Map<String, Integer> unclaimed;

    private Supervisor(
            Optional<String> socket, Optional<Duration> watchdog, Map<String, Integer> unclaimed) {
        this.socket = socket;
        this.watchdog = watchdog;
        this.unclaimed = unclaimed;
    }

    /// The manager of this process, one for all: what it handed over can be claimed only once.
    public static Supervisor ofThisProcess() {
        return OfThisProcess.MANAGER;
    }

    private static final class OfThisProcess {
        static final Supervisor MANAGER = of(System.getenv(), ProcessHandle.current().pid());
    }

    static Supervisor of(Map<String, String> environment, long pid) {
        Map<String, Integer> held = new LinkedHashMap<>();
        if (isForUs(environment.get("LISTEN_PID"), pid)) {
            int count = (int) number(environment.get("LISTEN_FDS"), MOST_DESCRIPTORS);
            String[] names = environment.getOrDefault("LISTEN_FDNAMES", "").split(":", -1);
            for (int i = 0; i < count; i++) {
                take(held, i < names.length ? names[i] : "", FIRST_DESCRIPTOR + i);
            }
        }
        String watchdogFor = environment.get("WATCHDOG_PID");
        long micros =
                watchdogFor == null || isForUs(watchdogFor, pid)
                        ? number(environment.get("WATCHDOG_USEC"), Long.MAX_VALUE / 1000)
                        : 0;
        return new Supervisor(
                Optional.ofNullable(environment.get("NOTIFY_SOCKET")).filter(s -> !s.isEmpty()),
                micros > 0 ? Optional.of(Duration.ofNanos(micros * 1000)) : Optional.empty(),
                held);
    }

    /// A second descriptor of the same name can only be a copy of the first.
    private static void take(Map<String, Integer> held, String name, int descriptor) {
        try {
            Posix.closeOnExec(descriptor);
            if (held.putIfAbsent(name, descriptor) != null) {
                Posix.close(descriptor);
            }
        } catch (IOException e) {
            LOG.log(Level.WARNING, "descriptor {0} was announced and is not there", descriptor);
        }
    }

    private static boolean isForUs(@Nullable String announced, long pid) {
        return Long.toString(pid).equals(announced);
    }

    private static long number(@Nullable String text, long most) {
        if (text == null || !text.matches("[0-9]{1,18}")) {
            return 0;
        }
        return Math.min(Long.parseLong(text), most);
    }

    /// Whether somebody keeps descriptors for us.
    public boolean isPresent() {
        return socket.isPresent();
    }

    /// How often at least [#alive] has to be said, where that is watched.
    public Optional<Duration> watchdog() {
        return watchdog;
    }

    /// The service is up.
    public void ready() {
        say("READY=1", -1);
    }

    /// The service ends because it was asked to.
    public void stopping() {
        say("STOPPING=1", -1);
    }

    /// Feeds the watchdog.
    public void alive() {
        say("WATCHDOG=1", -1);
    }

    /// The descriptor that an earlier process stored under this name; it is the caller's now, and
    /// stays stored.
    synchronized OptionalInt claim(String name) {
        Integer descriptor = unclaimed.remove(name);
        return descriptor == null ? OptionalInt.empty() : OptionalInt.of(descriptor);
    }

    /// Has a descriptor kept for the processes after this one. It is stored once it is sent: what the
    /// manager has not read yet survives us as well.
    void store(String name, int descriptor) {
        if (name.length() > MOST_NAME || !name.matches("[A-Za-z0-9._-]+")) {
            throw new IllegalArgumentException("not a descriptor's name: " + name);
        }
        // Not polled: systemd drops what reports an end of its own, which is ours to judge.
        say("FDSTORE=1\nFDPOLL=0\nFDNAME=" + name, descriptor);
    }

    /// Has a name's descriptor let go of.
    void forget(String name) {
        say("FDSTOREREMOVE=1\nFDNAME=" + name, -1);
    }

    /// Lets go of what an earlier process stored and nobody claimed.
    public void forgetUnclaimed() {
        List<Map.Entry<String, Integer>> left;
        synchronized (this) {
            left = List.copyOf(unclaimed.entrySet());
            unclaimed.clear();
        }
        left.forEach(
                entry -> {
                    LOG.log(Level.WARNING, "nobody claims the held {0}", entry.getKey());
                    forget(entry.getKey());
                    Posix.close(entry.getValue());
                });
    }

    private void say(String text, int descriptor) {
        if (socket.isEmpty()) {
            return;
        }
        try (Arena arena = Arena.ofConfined()) {
            int from = Posix.socket(Posix.SOCK_DGRAM);
            try {
                Posix.sendmsg(
                        from,
                        Messages.datagram(
                                Messages.address(socket.get(), arena), text, descriptor, arena));
            } finally {
                Posix.close(from);
            }
        } catch (IOException e) {
            LOG.log(
                    Level.WARNING,
                    "the service manager cannot be told {0}: {1}",
                    text.replace('\n', ' '),
                    e.getMessage());
        }
    }
}
