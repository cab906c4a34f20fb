package io.memfabric.control;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/// A broker in a process of its own, as `./memfabric broker` starts it.
final class BrokerUnderTest implements AutoCloseable {

    private static final Duration START_LIMIT = Duration.ofSeconds(90);
    private static final long KIB = 1024;

    private final Process process;
    private final Path log;
    private final Path dataDir;
    private final URI address;

    private BrokerUnderTest(Process process, Path log, Path dataDir, URI address) {
        this.process = process;
        this.log = log;
        this.dataDir = dataDir;
        this.address = address;
    }

    /// A folder that the account of PostgreSQL can enter.
    static Path newDataDir() throws IOException {
        return Files.createTempDirectory(
                "memfabric-control-",
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx--x--x")));
    }

    static int freePort() throws IOException {
        try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return probe.getLocalPort();
        }
    }

    /// @param before words before the JVM's, such as `taskset -c 0`
    static BrokerUnderTest start(
            Path root, Path dataDir, int port, List<String> before, String... options)
            throws IOException {
        Path log = dataDir.resolve("broker-" + port + ".log");
        List<String> words = new ArrayList<>(List.of("setpriv", "--pdeathsig=KILL", "--"));
        words.addAll(before);
        words.add(root.resolve("broker/server/start").toString());
        words.add("--server.port=" + port);
        words.add("--memfabric.agents.security=trusted-network");
        words.add("--memfabric.data-dir=" + dataDir);
        words.addAll(List.of(options));
        ProcessBuilder builder =
                new ProcessBuilder(words)
                        .redirectErrorStream(true)
                        .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        return new BrokerUnderTest(
                builder.start(), log, dataDir, URI.create("http://127.0.0.1:" + port));
    }

    void awaitReady() throws IOException, InterruptedException {
        long deadline = System.nanoTime() + START_LIMIT.toNanos();
        Rest caller = new Rest(List.of(address), "none", 0);
        while (System.nanoTime() < deadline) {
            if (!process.isAlive()) {
                throw new IOException("the broker ended:\n" + Files.readString(log));
            }
            try {
                if (caller.get("/actuator/health/readiness", Duration.ofSeconds(2)).status()
                        == 200) {
                    return;
                }
            } catch (IOException e) {
                // Not there yet.
            }
            Thread.sleep(20);
        }
        throw new IOException("the broker does not become ready:\n" + Files.readString(log));
    }

    URI address() {
        return address;
    }

    Path log() {
        return log;
    }

    Rest admin() throws IOException {
        return new Rest(List.of(address), adminToken(), 0);
    }

    String adminToken() throws IOException {
        return Files.readString(dataDir.resolve("admin-token")).strip();
    }

    long residentBytes() throws IOException {
        return statusKib("VmRSS") * KIB;
    }

    private long statusKib(String key) throws IOException {
        Path status = Path.of("/proc/%d/status".formatted(process.pid()));
        for (String line : Files.readAllLines(status)) {
            if (line.startsWith(key + ":")) {
                return Long.parseLong(line.replaceAll("\\D", ""));
            }
        }
        throw new IOException("no %s in %s".formatted(key, status));
    }

    /// Sends it a signal by name.
    void signal(String name) throws IOException, InterruptedException {
        new ProcessBuilder(
                        "kill", "-" + name.toUpperCase(Locale.ROOT), Long.toString(process.pid()))
                .start()
                .waitFor();
    }

    /// Ends it as `kill -9` does.
    void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    void stop() throws InterruptedException {
        process.destroy();
        process.waitFor();
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }

    static void deleteTree(Path root) {
        try (Stream<Path> paths = Files.walk(root)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
