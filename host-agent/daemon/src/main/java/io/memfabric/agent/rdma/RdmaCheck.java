package io.memfabric.agent.rdma;

import java.io.IOException;
import java.io.PrintStream;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/// Tells an operator whether this host can do RDMA: a line for each thing that it takes, with `OK` or
/// what to do.
public final class RdmaCheck {

    private static final Path FILES = Path.of("/dev/infiniband");
    private static final Path LIMITS = Path.of("/proc/self/limits");
    private static final Duration PATIENCE = Duration.ofSeconds(10);
    private static final int PAGE = 4096;

    /// The number of CAP_IPC_LOCK.
    private static final int IPC_LOCK = 14;

    /// What a lender pins at least: one region.
    private static final long ENOUGH = 64L << 20;

    /// How verbs are got.
    interface Source {
        Verbs open() throws RdmaException;
    }

    private final Path devices;
    private final Path files;
    private final Path limits;
    private final Source source;
    private final PrintStream out;
    private int problems;

    RdmaCheck(Path devices, Path files, Path limits, Source source, PrintStream out) {
        this.devices = devices;
        this.files = files;
        this.limits = limits;
        this.source = source;
        this.out = out;
    }

    /// Checks this host.
    ///
    /// @param library an installed native half to use instead of ours
    /// @return 0 where RDMA works or there is none, 1 where something is to be done
    public static int run(Optional<Path> library, PrintStream out) throws IOException {
        return new RdmaCheck(
                        RdmaDevices.FOLDER, FILES, LIMITS, () -> VerbsLibrary.open(library), out)
                .check();
    }

    int check() throws IOException {
        List<RdmaDevices.Port> ports = RdmaDevices.ports(devices);
        if (ports.isEmpty()) {
            line("devices", "none: this host has no RDMA, agents reach each other over TCP");
            return 0;
        }
        boolean usable = false;
        for (RdmaDevices.Port port : ports) {
            usable |= checkPort(port);
        }
        checkFile("rdma_cm", "modprobe rdma_ucm");
        checkFile("uverbs0", "modprobe ib_uverbs");
        checkMemlock();
        checkVerbs(ports, usable);
        out.println(problems == 0 ? "RDMA can be used." : problems + " to be done.");
        return problems == 0 ? 0 : 1;
    }

    private boolean checkPort(RdmaDevices.Port port) {
        String what = port.device() + " port " + port.number();
        boolean active = port.state().equals("ACTIVE");
        if (active) {
            ok(what, port.linkLayer() + ", " + port.state());
        } else {
            todo(what, "is " + port.state() + ": set its link up (ip link, ibstat)");
        }
        for (RdmaDevices.Gid gid : port.gids()) {
            line("  GID " + gid.index(), gid.text() + " " + gid.type());
        }
        if (port.address().isEmpty()) {
            todo(what, "has no GID of an IPv4 address: give its network interface one");
            return false;
        }
        ok(what, "address " + port.address().get().getHostAddress());
        return active;
    }

    private void checkFile(String name, String remedy) {
        Path file = files.resolve(name);
        if (!Files.exists(file)) {
            todo(file.toString(), "is not there: " + remedy);
        } else if (!Files.isReadable(file) || !Files.isWritable(file)) {
            todo(file.toString(), "may not be opened by this user: put it into the group rdma");
        } else {
            ok(file.toString(), "can be opened");
        }
    }

    private void checkMemlock() throws IOException {
        String limit =
                Files.readAllLines(limits).stream()
                        .filter(line -> line.startsWith("Max locked memory"))
                        .map(line -> line.substring("Max locked memory".length()).strip())
                        .map(line -> line.split("\\s+", -1)[0])
                        .findFirst()
                        .orElse("unknown");
        boolean enough =
                limit.equals("unlimited")
                        || (limit.matches("[0-9]{1,18}") && Long.parseLong(limit) >= ENOUGH);
        if (enough) {
            ok("memlock limit", limit);
        } else if (mayLockWithoutLimit()) {
            ok("memlock limit", limit + ", which CAP_IPC_LOCK lifts");
        } else {
            todo(
                    "memlock limit",
                    limit + " bytes: raise it (LimitMEMLOCK=infinity, ulimit -l unlimited)");
        }
    }

    /// Whether this process has CAP_IPC_LOCK, see capabilities(7) and proc_pid_status(5).
    private boolean mayLockWithoutLimit() throws IOException {
        Path status = limits.resolveSibling("status");
        return Files.exists(status)
                && Files.readAllLines(status).stream()
                        .filter(line -> line.matches("CapEff:\\s+[0-9a-f]{1,16}"))
                        .map(line -> line.substring("CapEff:".length()).strip())
                        .anyMatch(set -> (Long.parseUnsignedLong(set, 16) >>> IPC_LOCK & 1) == 1);
    }

    private void checkVerbs(List<RdmaDevices.Port> ports, boolean usable) {
        Verbs verbs;
        try {
            verbs = source.open();
            ok("native library", "loaded");
        } catch (RdmaException e) {
            todo("native library", String.valueOf(e.getMessage()));
            return;
        }
        if (!usable) {
            return;
        }
        for (RdmaDevices.Port port : ports) {
            if (port.state().equals("ACTIVE") && port.address().isPresent()) {
                checkLoopback(verbs, port.device(), port.address().get());
            }
        }
    }

    private void checkLoopback(Verbs verbs, String device, InetAddress address) {
        String what = "loopback READ on " + device;
        try {
            ok(what, readFromItself(verbs, address) / 1000 + " us for 4 KiB");
        } catch (RdmaException e) {
            todo(what, e.code() + ": " + e.getMessage());
        } catch (ExecutionException | TimeoutException e) {
            todo(what, "was not answered: " + e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// Connects the device to itself, and reads a stamped page.
    ///
    /// @return the nanoseconds that the read took
    private static long readFromItself(Verbs verbs, InetAddress address)
            throws RdmaException, ExecutionException, TimeoutException, InterruptedException {
        try (Arena arena = Arena.ofShared();
                RdmaListener listener = verbs.listen(new InetSocketAddress(address, 0))) {
            MemorySegment there = arena.allocate(PAGE, PAGE);
            MemorySegment here = arena.allocate(PAGE, PAGE);
            there.fill((byte) 0x5a);
            FutureTask<QueuePair> accepting = new FutureTask<>(acceptance(listener));
            Thread.ofPlatform().daemon().name("rdma-check").start(accepting);
            QueuePair mine = verbs.connect(listener.address(), 1, PATIENCE);
            try {
                QueuePair theirs = accepting.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
                try {
                    return read(mine, theirs, here, there);
                } finally {
                    theirs.close();
                }
            } finally {
                mine.close();
            }
        }
    }

    private static Callable<QueuePair> acceptance(RdmaListener listener) {
        return () ->
                listener.next(PATIENCE)
                        .orElseThrow(
                                () -> new RdmaException(RdmaException.TIMEOUT, "no connection"))
                        .accept(1, PATIENCE);
    }

    private static long read(
            QueuePair mine, QueuePair theirs, MemorySegment here, MemorySegment there)
            throws RdmaException {
        QueuePair.Registration from =
                theirs.register(there.address(), PAGE, QueuePair.Access.PEER_READ);
        QueuePair.Registration to = mine.register(here.address(), PAGE, QueuePair.Access.LOCAL);
        long start = System.nanoTime();
        mine.read(0, to.address(), to.localKey(), from.address(), from.remoteKey(), PAGE);
        int count = mine.await(PATIENCE, PATIENCE);
        long nanos = System.nanoTime() - start;
        if (count != 1 || mine.status(0) != 0) {
            throw new RdmaException(
                    RdmaException.FAILED,
                    count == 0
                            ? "nothing completed"
                            : "it completed with status " + mine.status(0));
        }
        if (here.get(ValueLayout.JAVA_BYTE, PAGE - 1) != 0x5a) {
            throw new RdmaException(RdmaException.FAILED, "other bytes came than lie there");
        }
        return nanos;
    }

    private void ok(String what, String how) {
        line(what, "OK, " + how);
    }

    private void todo(String what, String how) {
        problems++;
        line(what, how);
    }

    private void line(String what, String how) {
        out.println("%-28s %s".formatted(what, how));
    }
}
