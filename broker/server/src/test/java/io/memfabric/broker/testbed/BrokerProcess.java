package io.memfabric.broker.testbed;

import io.memfabric.broker.BrokerApplication;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/// A broker in a process of its own.
public final class BrokerProcess implements AutoCloseable {

    private final Process process;
    private final Path log;
    private final URI address;

    private BrokerProcess(Process process, Path log, URI address) {
        this.process = process;
        this.log = log;
        this.address = address;
    }

    public static BrokerProcess start(Path dataDir, String... options) throws IOException {
        int port = freePort();
        Path log = Files.createTempFile("memfabric-broker-", ".log");
        // A test JVM that is killed takes its brokers with it.
        List<String> words = new ArrayList<>(List.of("setpriv", "--pdeathsig=KILL", "--"));
        words.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        words.addAll(List.of("-XX:TieredStopAtLevel=1", "-Xmx256m"));
        words.addAll(List.of("-cp", System.getProperty("java.class.path")));
        words.add(BrokerApplication.class.getName());
        words.add("--server.port=" + port);
        if (List.of(options).stream().noneMatch(option -> option.contains(".agents.security"))) {
            words.add("--memfabric.agents.security=trusted-network");
        }
        words.add("--memfabric.broker-url=http://127.0.0.1:" + port);
        words.add("--memfabric.data-dir=" + dataDir);
        words.add("--memfabric.postgres.binaries-dir=" + TestBroker.shared().dataDir());
        words.addAll(List.of(options));
        Process process =
                new ProcessBuilder(words)
                        .redirectErrorStream(true)
                        .redirectOutput(log.toFile())
                        .start();
        return new BrokerProcess(process, log, URI.create("http://127.0.0.1:" + port));
    }

    public static int freePort() throws IOException {
        try (ServerSocket probe = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return probe.getLocalPort();
        }
    }

    public void awaitReady() {
        Poll.until(
                () -> {
                    if (!process.isAlive()) {
                        throw new AssertionError("the broker ended: " + output());
                    }
                    try {
                        return caller("").get("/actuator/health/readiness").status() == 200;
                    } catch (java.io.UncheckedIOException e) {
                        return false;
                    }
                });
    }

    public Http caller(String token) {
        return new Http(address, token);
    }

    /// Stops it, or lets it go on: `STOP` and `CONT`.
    public void signal(String name) throws IOException, InterruptedException {
        new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start().waitFor();
    }

    /// Ends it as `kill -9` does.
    public void kill() throws InterruptedException {
        process.destroyForcibly().waitFor();
    }

    /// Asks it to stop, and waits until it has.
    public void stop() throws InterruptedException {
        process.destroy();
        if (!process.waitFor(40, TimeUnit.SECONDS)) {
            throw new AssertionError("the broker does not stop: " + output());
        }
    }

    public int exitCode() throws InterruptedException {
        if (!process.waitFor(60, TimeUnit.SECONDS)) {
            throw new AssertionError("the broker did not end: " + output());
        }
        return process.exitValue();
    }

    public String output() {
        try {
            return Files.readString(log);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Override
    public void close() throws IOException {
        process.destroyForcibly();
        Files.deleteIfExists(log);
    }
}
