package io.memfabric.benchmark;

import io.memfabric.contract.vocabulary.FabricLimits;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;

/// Starts the servers that are compared, each with a device of the same size behind the same two
/// hops, all pinned to one processor.
///
/// @param folder for their sockets and logs
record ServerRoom(Path folder, int cpu) {

    private static final int REGIONS = 4;
    private static final long SIZE = REGIONS * FabricLimits.REGION.bytes();
    private static final int START_SECONDS = 30;
    private static final String USER = "bench";

    /// The JVM's options as the agent ships with them.
    private static final List<String> JVM =
            List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-Xms48m",
                    "-Xmn32m",
                    "-Xmx80m",
                    "-XX:+UseSerialGC",
                    "-XX:+UseCompactObjectHeaders",
                    "-XX:TrimNativeHeapInterval=10000",
                    "--enable-native-access=ALL-UNNAMED");

    /// Our lenders and our borrower.
    Server own(Variant variant) throws IOException, InterruptedException {
        List<Process> processes = new ArrayList<>();
        String grant = UUID.randomUUID().toString();
        String borrower = variant.label();
        String security = "none";
        try {
            if (variant.isTls()) {
                Path key = folder.resolve("tls.p12");
                TlsKey.make(key, BorrowerProcess.LENDER);
                security = key.toString();
            }
            List<String> arguments =
                    new ArrayList<>(
                            List.of(
                                    "borrower",
                                    variant.name(),
                                    grant,
                                    folder.resolve("run-" + borrower).toString(),
                                    security));
            for (int copy = 1; copy <= variant.copies(); copy++) {
                List<String> lender = List.of("lender", grant, Integer.toString(REGIONS), security);
                arguments.add(startOwn(processes, lender(variant, copy), lender));
            }
            String[] disk = startOwn(processes, borrower, arguments).split(" ", -1);
            return new Server(variant.label(), List.copyOf(processes), Path.of(disk[0]), disk[1]);
        } catch (IOException | RuntimeException e) {
            processes.forEach(Process::destroyForcibly);
            throw e;
        }
    }

    private static String lender(Variant variant, int copy) {
        return variant.label() + "-lender-" + copy;
    }

    /// The logs of the garbage collector of all processes of a variant.
    List<Path> gcLogs(Variant variant) {
        List<Path> logs = new ArrayList<>();
        for (int copy = 1; copy <= variant.copies(); copy++) {
            logs.add(gcLog(lender(variant, copy)));
        }
        logs.add(gcLog(variant.label()));
        return logs;
    }

    private Path gcLog(String name) {
        return folder.resolve(name + ".gc");
    }

    private String startOwn(List<Process> processes, String name, List<String> arguments)
            throws IOException {
        List<String> command = new ArrayList<>(JVM);
        command.add("-Xlog:gc:file=" + gcLog(name));
        command.add("-jar");
        command.add(Tools.folder().resolve("memfabric-bench.jar").toString());
        command.addAll(arguments);
        Path log = folder.resolve(name + ".log");
        Process process =
                new ProcessBuilder(Tools.pinned(cpu, command)).redirectError(log.toFile()).start();
        processes.add(process);
        BufferedReader out = process.inputReader();
        String line = out.readLine();
        if (line == null) {
            throw new IOException(name + " ended: " + Files.readString(log));
        }
        return line;
    }

    Server peer(Peer peer) throws IOException, InterruptedException {
        return switch (peer) {
            case PROXY -> proxy(peer, List.of(), List.of());
            case PROXY_TLS -> {
                Path psk = folder.resolve("psk");
                Files.writeString(psk, USER + ":" + "0123456789abcdef".repeat(4) + "\n");
                yield proxy(
                        peer,
                        List.of("--tls=require", "--tls-psk=" + psk),
                        List.of("tls=require", "tls-psk=" + psk, "tls-username=" + USER));
            }
            case TUNED -> tuned(peer);
            case FLOOR -> floor(peer);
        };
    }

    private Server proxy(Peer peer, List<String> serving, List<String> connecting)
            throws IOException, InterruptedException {
        int port = freePort();
        List<String> back = new ArrayList<>(List.of("nbdkit", "-f", "-i", "127.0.0.1", "-p"));
        back.add(Integer.toString(port));
        back.addAll(serving);
        back.addAll(List.of("memory", Long.toString(SIZE)));
        return twoHops(
                peer,
                port,
                back,
                socket -> {
                    List<String> front = new ArrayList<>(List.of("nbdkit", "-f", "-U", socket));
                    front.addAll(List.of("nbd", "hostname=127.0.0.1", "port=" + port));
                    front.addAll(connecting);
                    return front;
                });
    }

    private Server tuned(Peer peer) throws IOException, InterruptedException {
        int port = freePort();
        List<String> back =
                new ArrayList<>(List.of("nbdkit", "-f", "-t", "1", "-i", "127.0.0.1", "-p"));
        back.addAll(List.of(Integer.toString(port), "memory", Long.toString(SIZE)));
        return twoHops(
                peer,
                port,
                back,
                socket ->
                        List.of(
                                "socat",
                                "-b",
                                "262144",
                                "UNIX-LISTEN:" + socket + ",fork",
                                "TCP:127.0.0.1:" + port + ",nodelay"));
    }

    private Server floor(Peer peer) throws IOException, InterruptedException {
        int port = freePort();
        String far = "tcp:127.0.0.1:" + port;
        return twoHops(
                peer,
                port,
                List.of(Tools.program("bench-floor"), "memory", far, Long.toString(SIZE)),
                socket -> List.of(Tools.program("bench-floor"), "pump", "unix:" + socket, far));
    }

    private interface Front {
        List<String> command(String socket);
    }

    private Server twoHops(Peer peer, int port, List<String> back, Front front)
            throws IOException, InterruptedException {
        String name = peer.label();
        Path socket = folder.resolve(name + ".sock");
        List<Process> processes = new ArrayList<>();
        try {
            processes.add(start(name + "-back", back));
            awaitPort(port);
            processes.add(start(name + "-front", front.command(socket.toString())));
            awaitFile(socket);
            return new Server(name, List.copyOf(processes), socket, "");
        } catch (IOException | InterruptedException | RuntimeException e) {
            processes.forEach(Process::destroyForcibly);
            throw e;
        }
    }

    Process start(String name, List<String> command) throws IOException {
        return new ProcessBuilder(Tools.pinned(cpu, command))
                .redirectErrorStream(true)
                .redirectOutput(folder.resolve(name + ".log").toFile())
                .start();
    }

    static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    /// Looks into the kernel's table: to connect would be a client that leaves at once.
    private static void awaitPort(int port) throws IOException, InterruptedException {
        String listening = "0100007F:%04X 00000000:0000 0A".formatted(port);
        await(
                () -> Files.readString(Path.of("/proc/net/tcp")).contains(listening),
                "nobody listens at port " + port);
    }

    static void awaitFile(Path file) throws IOException, InterruptedException {
        await(() -> Files.exists(file), "nobody made " + file);
    }

    private interface Condition {
        boolean holds() throws IOException;
    }

    private static void await(Condition condition, String problem)
            throws IOException, InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
        while (!condition.holds()) {
            if (System.nanoTime() > deadline) {
                throw new IOException(problem);
            }
            TimeUnit.MILLISECONDS.sleep(20);
        }
    }
}
