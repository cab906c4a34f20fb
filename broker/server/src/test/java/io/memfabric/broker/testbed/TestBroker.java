package io.memfabric.broker.testbed;

import io.memfabric.broker.BrokerApplication;
import io.memfabric.broker.invariant.Breach;
import io.memfabric.broker.invariant.Invariants;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.ConfigurableApplicationContext;

/// One broker for all tests of a JVM. Tests share its database, so each makes hosts of its own.
public final class TestBroker implements AutoCloseable {

    private static volatile boolean running;

    private final ConfigurableApplicationContext context;
    private final URI address;
    private final String adminToken;
    private final Path dataDir;

    private TestBroker(ConfigurableApplicationContext context, Path dataDir) throws IOException {
        this.context = context;
        this.dataDir = dataDir;
        this.address =
                URI.create(
                        "http://127.0.0.1:"
                                + context.getEnvironment()
                                        .getRequiredProperty("local.server.port"));
        this.adminToken = Files.readString(dataDir.resolve("admin-token")).strip();
    }

    private static final class Holder {
        static final TestBroker SHARED = startShared();
    }

    public static TestBroker shared() {
        return Holder.SHARED;
    }

    /// A directory below the temporary one that the account of PostgreSQL can enter.
    public static Path newDataDir() throws IOException {
        return Files.createTempDirectory(
                "memfabric-broker-",
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx--x--x")));
    }

    private static TestBroker startShared() {
        try {
            TestBroker broker = start("--spring.jpa.hibernate.ddl-auto=validate");
            Runtime.getRuntime().addShutdownHook(new Thread(broker::close));
            running = true;
            return broker;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// A broker of one test.
    public static TestBroker start(String... options) throws IOException {
        Path dataDir = newDataDir();
        List<String> all =
                new ArrayList<>(
                        List.of(
                                "--server.port=0",
                                "--memfabric.agents.security=trusted-network",
                                "--memfabric.data-dir=" + dataDir,
                                "--memfabric.lender-silence=1s",
                                "--memfabric.prepare-deadline=8s",
                                "--memfabric.recovery-settle=500ms",
                                "--memfabric.limits.slowest-body=2s"));
        all.addAll(List.of(options));
        return new TestBroker(
                new SpringApplicationBuilder(BrokerApplication.class)
                        // Spring's own hook would close it beside ours, which then deletes the
                        // data of a PostgreSQL that is still writing.
                        .registerShutdownHook(false)
                        .run(all.toArray(String[]::new)),
                dataDir);
    }

    @Override
    public void close() {
        context.close();
        deleteTree(dataDir);
    }

    /// Deletes a directory with everything in it, also while a database whose broker was killed still
    /// writes there: it ends by itself.
    public static void deleteTree(Path root) {
        Poll.until(() -> deletes(root));
    }

    private static boolean deletes(Path root) {
        try (var paths = Files.walk(root)) {
            for (Path path : paths.sorted(java.util.Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(path);
            }
            return true;
        } catch (IOException | UncheckedIOException e) {
            return Files.notExists(root);
        }
    }

    /// Whether a test of this JVM has started it.
    static boolean isRunning() {
        return running;
    }

    /// Fails where the ledger breaks one of its rules.
    public void holdInvariants() {
        List<Breach> breaches = bean(Invariants.class).breaches();
        if (!breaches.isEmpty()) {
            throw new AssertionError("the ledger is wrong: " + breaches);
        }
    }

    public URI address() {
        return address;
    }

    public Path dataDir() {
        return dataDir;
    }

    public <T> T bean(Class<T> type) {
        return context.getBean(type);
    }

    public <T> T bean(String name, Class<T> type) {
        return context.getBean(name, type);
    }

    /// A caller with the admin's token.
    public Http admin() {
        return new Http(address, adminToken);
    }

    /// A caller with any token, or none.
    public Http caller(String token) {
        return new Http(address, token);
    }
}
