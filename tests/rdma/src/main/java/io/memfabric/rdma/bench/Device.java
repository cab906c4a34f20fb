package io.memfabric.rdma.bench;

import io.memfabric.agent.rdma.RdmaDevices;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// An RDMA device of this host, and the processes that measure on it: the same that run in the VMs.
///
/// @param name such as `mlx5_0`
/// @param gid which of its GIDs is that of the address
record Device(String name, int gid, String address) {

    private static final String ROUNDS = "9";

    /// Stale requests, each on a connection of its own.
    private static final String REPLAYS = "2000";

    private static final List<String> TOOLS = List.of("ib_read_lat", "ib_read_bw");

    /// The first that can be used, or the one of that name.
    static Optional<Device> find(Path folder, Optional<String> name) throws IOException {
        for (RdmaDevices.Port port : RdmaDevices.ports(folder)) {
            if (port.state().equals("ACTIVE") && name.map(port.device()::equals).orElse(true)) {
                Optional<Device> found =
                        port.gids().stream()
                                .filter(gid -> gid.ipv4().isPresent())
                                // RoCE v1 of the same address is another GID before it.
                                .filter(gid -> !gid.type().contains("v1"))
                                .map(gid -> of(port, gid))
                                .findFirst();
                if (found.isPresent()) {
                    return found;
                }
            }
        }
        return Optional.empty();
    }

    private static Device of(RdmaDevices.Port port, RdmaDevices.Gid gid) {
        return new Device(port.device(), gid.index(), gid.ipv4().orElseThrow().getHostAddress());
    }

    /// @throws IOException where perftest is not installed
    static void requireTools() throws IOException {
        List<String> folders = List.of(System.getenv("PATH").split(":", -1));
        for (String tool : TOOLS) {
            if (folders.stream().noneMatch(f -> Files.isExecutable(Path.of(f, tool)))) {
                throw new IOException(tool + " is not installed: it comes with perftest");
            }
        }
    }

    /// Is read by whoever asks, for as long as this process lives.
    int serve() throws IOException, InterruptedException {
        Process server = server(ProcessBuilder.Redirect.INHERIT);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> end(server)));
        return server.waitFor();
    }

    /// Reads from a host that serves, or from itself.
    ///
    /// @return what was printed
    List<String> measure(Optional<String> peer) throws IOException, InterruptedException {
        if (peer.isPresent()) {
            return read(peer.get());
        }
        Process server = server(ProcessBuilder.Redirect.DISCARD);
        try {
            return read(address);
        } finally {
            end(server);
        }
    }

    private Process server(ProcessBuilder.Redirect output) throws IOException {
        return new ProcessBuilder(command(address, "bench-serve"))
                .redirectOutput(output)
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
    }

    private List<String> read(String from) throws IOException, InterruptedException {
        Process reader =
                new ProcessBuilder(command(from, "bench", ROUNDS, REPLAYS))
                        .redirectError(ProcessBuilder.Redirect.INHERIT)
                        .start();
        List<String> said = reader.inputReader().readAllLines();
        reader.waitFor();
        return said;
    }

    private List<String> command(String server, String... words) {
        List<String> command =
                new ArrayList<>(
                        List.of(
                                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                                "-XX:+UseSerialGC",
                                "--enable-native-access=ALL-UNNAMED",
                                "--add-exports=java.base/sun.nio.ch=ALL-UNNAMED",
                                "-Dmemfabric.rdma.server=" + server,
                                "-Dmemfabric.rdma.here=" + address,
                                "-Dmemfabric.rdma.device=" + name,
                                "-Dmemfabric.rdma.gid=" + gid,
                                "-cp",
                                System.getProperty("java.class.path"),
                                "io.memfabric.rdma.inside.Main"));
        command.addAll(List.of(words));
        return command;
    }

    private static void end(Process process) {
        process.descendants().forEach(ProcessHandle::destroy);
        process.destroy();
    }
}
