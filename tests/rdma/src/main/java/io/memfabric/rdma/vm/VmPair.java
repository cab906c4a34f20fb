package io.memfabric.rdma.vm;

import io.memfabric.rdma.image.VerbsImage;
import io.memfabric.rdma.image.VerbsUnavailableException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;

/// Two VMs with verbs and a wire between them: `10.77.0.1` serves, `10.77.0.2` asks.
public final class VmPair {

    private static final Duration WIRE = Duration.ofSeconds(10);

    private VmPair() {}

    /// What both printed, line by line.
    public record Printed(List<String> server, List<String> client) {

        /// The lines of both that begin with a word.
        public Stream<String> starting(String word) {
            return Stream.concat(server.stream(), client.stream())
                    .filter(line -> line.startsWith(word + " "));
        }
    }

    /// Makes sure that VMs can be had here.
    public static void requireQemu() throws VerbsUnavailableException {
        Stream<String> folders = Stream.of(System.getenv("PATH").split(":", -1));
        if (folders.noneMatch(folder -> Files.isExecutable(Path.of(folder, VerbsVm.QEMU)))) {
            throw new VerbsUnavailableException(VerbsVm.QEMU + " is not installed");
        }
    }

    /// Boots both, waits for the client's end, and ends the server.
    ///
    /// @param logs a folder for what they print
    /// @param limit after which both are ended, whatever they do
    public static Printed run(VerbsImage image, String task, Path logs, Duration limit)
            throws IOException, InterruptedException {
        Files.createDirectories(logs);
        // The path of a unix socket has at most 107 bytes.
        Path folder = Files.createTempDirectory("memfabric-rdma");
        Path wire = folder.resolve("wire");
        var one =
                new VerbsVm.Place(1, Optional.of(wire), logs.resolve(task + "-server.log"), limit);
        var other =
                new VerbsVm.Place(2, Optional.of(wire), logs.resolve(task + "-client.log"), limit);
        try (VerbsVm server = new VerbsVm(image, one, task)) {
            awaitSocket(wire);
            try (VerbsVm client = new VerbsVm(image, other, task)) {
                List<String> said = client.await();
                server.end();
                return new Printed(server.await(), said);
            }
        } finally {
            Files.deleteIfExists(wire);
            Files.delete(folder);
        }
    }

    /// Boots the first one alone, and waits for its end.
    ///
    /// @return what it printed
    public static List<String> alone(VerbsImage image, String task, Path logs, Duration limit)
            throws IOException, InterruptedException {
        Files.createDirectories(logs);
        var place = new VerbsVm.Place(1, Optional.empty(), logs.resolve(task + ".log"), limit);
        try (VerbsVm vm = new VerbsVm(image, place, task)) {
            return vm.await();
        }
    }

    private static void awaitSocket(Path wire) throws IOException {
        long end = System.nanoTime() + WIRE.toNanos();
        while (!Files.exists(wire)) {
            if (System.nanoTime() - end > 0) {
                throw new IOException("QEMU did not start: see the server's log");
            }
            LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(20));
        }
    }
}
