package io.memfabric.rdma.bench;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/// What a prepared verb call costs where there is no device: the benchmark's own process measures it
/// on verbs of one process.
final class VerbCalls {

    private static final String START = "SAMPLE verb_call_us ";

    private VerbCalls() {}

    /// Microseconds a call, one for each round; none where it could not be measured, which is said.
    static List<Double> measure(Path root) throws IOException, InterruptedException {
        Path library = root.resolve("host-agent/native/target/fake/libmemfabric-disni.so");
        if (!Files.exists(library)) {
            System.err.println("memfabric: verb_call_us needs " + library);
            return List.of();
        }
        Process process =
                new ProcessBuilder(
                                Path.of(System.getProperty("java.home"), "bin/java").toString(),
                                "--enable-native-access=ALL-UNNAMED",
                                "--add-exports=java.base/sun.nio.ch=ALL-UNNAMED",
                                "-jar",
                                root.resolve("tests/benchmark/target/memfabric-bench.jar")
                                        .toString(),
                                "verb-call",
                                library.toString())
                        .redirectErrorStream(true)
                        .start();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            System.err.println("memfabric: verb_call_us: " + said.strip());
        }
        return said.lines()
                .filter(line -> line.startsWith(START))
                .map(line -> Double.parseDouble(line.substring(START.length())))
                .toList();
    }
}
