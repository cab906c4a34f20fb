package io.memfabric.benchmark;

import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;

/// The programs that a benchmark starts: they lie beside its jar, or are the machine's.
final class Tools {

    private static final int LIMIT_SECONDS = 120;

    private Tools() {}

    /// The folder of the benchmark's jar.
    static Path folder() {
        try {
            Path jar =
                    Path.of(
                            Tools.class
                                    .getProtectionDomain()
                                    .getCodeSource()
                                    .getLocation()
                                    .toURI());
            return Objects.requireNonNull(jar.getParent());
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    static String program(String name) {
        return folder().resolve(name).toString();
    }

    /// The command, pinned to one processor.
    static List<String> pinned(int cpu, List<String> command) {
        List<String> pinned = new ArrayList<>(List.of("taskset", "-c", Integer.toString(cpu)));
        pinned.addAll(command);
        return pinned;
    }

    /// Runs a command and answers what it wrote.
    ///
    /// @throws IOException where it fails or takes too long
    static String run(List<String> command) throws IOException, InterruptedException {
        Path out = Files.createTempFile("memfabric-bench", ".out");
        try {
            Process process =
                    new ProcessBuilder(command)
                            .redirectErrorStream(true)
                            .redirectOutput(out.toFile())
                            .start();
            if (!process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
            }
            String text = Files.readString(out).strip();
            if (process.exitValue() != 0) {
                throw new IOException(command + " failed: " + text);
            }
            return text;
        } finally {
            Files.delete(out);
        }
    }
}
