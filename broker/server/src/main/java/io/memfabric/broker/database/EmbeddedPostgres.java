package io.memfabric.broker.database;

import io.memfabric.broker.settings.BrokerSettings;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A real PostgreSQL of the broker's own, on a port of the loopback interface with a password that
/// only the broker knows. It lives exactly as long as the broker, and its data stays.
final class EmbeddedPostgres implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(EmbeddedPostgres.class);
    private static final Duration START_LIMIT = Duration.ofMinutes(2);
    private static final Duration PREDECESSOR_LIMIT = Duration.ofSeconds(30);
    private static final int PORT_ATTEMPTS = 5;

    private final FileChannel lock;
    private final PostgresProcess process;
    private final PostgresCluster cluster;
    private final int port;

    private EmbeddedPostgres(
            FileChannel lock, PostgresProcess process, PostgresCluster cluster, int port) {
        this.lock = lock;
        this.process = process;
        this.cluster = cluster;
        this.port = port;
    }

    /// Starts it on the data of the data directory, which is made where it does not exist.
    static EmbeddedPostgres start(BrokerSettings settings) throws IOException {
        long begin = System.nanoTime();
        Path dataDir = settings.dataDir();
        PostgresAccount account = PostgresAccount.choose(settings.postgres().user());
        makeDataDir(dataDir, account);
        FileChannel lock = lock(dataDir);
        try {
            account.checkEnterable(dataDir);
            @Nullable Path binariesDir = settings.postgres().binariesDir();
            PostgresBinaries binaries =
                    PostgresBinaries.under(binariesDir == null ? dataDir : binariesDir);
            account.checkEnterable(binaries.programs());
            PostgresCluster cluster = PostgresCluster.in(dataDir, binaries, account);
            awaitPredecessor(cluster.data());
            EmbeddedPostgres started = start(lock, binaries, cluster, account);
            LOG.info(
                    "embedded PostgreSQL in {} is up after {} ms",
                    cluster.data(),
                    (System.nanoTime() - begin) / 1_000_000);
            return started;
        } catch (IOException | RuntimeException e) {
            lock.close();
            throw e;
        }
    }

    String jdbcUrl() {
        return "jdbc:postgresql://127.0.0.1:" + port + "/postgres";
    }

    String user() {
        return PostgresCluster.OWNER;
    }

    String password() {
        return cluster.password();
    }

    long pid() {
        return process.pid();
    }

    /// Gives up the data directory and leaves the process behind, as a kill can; for tests.
    void forget() throws IOException {
        lock.close();
    }

    @Override
    public void close() throws IOException {
        process.stop();
        lock.close();
    }

    private static void makeDataDir(Path dataDir, PostgresAccount account) throws IOException {
        if (!Files.exists(dataDir)) {
            Files.createDirectories(dataDir);
            Files.setPosixFilePermissions(
                    dataDir,
                    PosixFilePermissions.fromString(
                            account instanceof PostgresAccount.Own ? "rwx------" : "rwx--x--x"));
        }
    }

    private static FileChannel lock(Path dataDir) throws IOException {
        FileChannel channel =
                FileChannel.open(
                        dataDir.resolve("lock"),
                        StandardOpenOption.CREATE,
                        StandardOpenOption.WRITE);
        @Nullable FileLock taken;
        try {
            taken = channel.tryLock();
        } catch (OverlappingFileLockException e) {
            taken = null;
        }
        if (taken == null) {
            channel.close();
            throw new IOException("another broker uses " + dataDir);
        }
        return channel;
    }

    /// Waits for the postmaster of a broker that was killed: it got its signal and is writing its
    /// last checkpoint. The broker's lock is ours, so nobody else can want it alive.
    private static void awaitPredecessor(Path data) throws IOException {
        long deadline = System.nanoTime() + PREDECESSOR_LIMIT.toNanos();
        boolean asked = false;
        for (; ; ) {
            Optional<PostmasterPid> old = PostmasterPid.read(data);
            if (old.isEmpty() || !old.get().isPostmasterOf(data)) {
                return;
            }
            if (!asked) {
                LOG.info("waiting for PostgreSQL process {} to end", old.get().pid());
                PostmasterPid.signal("INT", old.get().pid());
                asked = true;
            }
            if (System.nanoTime() > deadline) {
                throw new IOException(
                        "PostgreSQL process %d still holds %s".formatted(old.get().pid(), data));
            }
            pause();
        }
    }

    private static EmbeddedPostgres start(
            FileChannel lock,
            PostgresBinaries binaries,
            PostgresCluster cluster,
            PostgresAccount account)
            throws IOException {
        for (int attempt = 1; ; attempt++) {
            int port = freePort();
            PostgresProcess process =
                    PostgresProcess.start(account.command(words(binaries, cluster, port)));
            if (awaitReady(process, cluster.data())) {
                return new EmbeddedPostgres(lock, process, cluster, port);
            }
            // Somebody may have taken the port between the look and the start.
            if (attempt == PORT_ATTEMPTS || !process.lastWords().contains("Address already")) {
                throw new IOException("PostgreSQL does not start:\n" + process.lastWords());
            }
        }
    }

    private static List<String> words(
            PostgresBinaries binaries, PostgresCluster cluster, int port) {
        List<String> words = new ArrayList<>();
        words.add(binaries.program("postgres").toString());
        words.addAll(List.of("-D", cluster.data().toString()));
        List.of(
                        "listen_addresses=127.0.0.1",
                        "port=" + port,
                        "unix_socket_directories=",
                        "max_connections=60",
                        "shared_buffers=64MB",
                        "fsync=on",
                        "synchronous_commit=on",
                        "full_page_writes=on",
                        "log_min_messages=warning",
                        "log_statement=none",
                        "log_parameter_max_length_on_error=0")
                .forEach(setting -> words.addAll(List.of("-c", setting)));
        return words;
    }

    private static boolean awaitReady(PostgresProcess process, Path data) throws IOException {
        long deadline = System.nanoTime() + START_LIMIT.toNanos();
        while (process.isAlive()) {
            Optional<PostmasterPid> status = PostmasterPid.read(data);
            if (status.isPresent() && status.get().ready() && status.get().pid() == process.pid()) {
                return true;
            }
            if (System.nanoTime() > deadline) {
                process.stop();
                throw new IOException("PostgreSQL is not ready after " + START_LIMIT);
            }
            pause();
        }
        return false;
    }

    private static int freePort() throws IOException {
        try (ServerSocket probe = new ServerSocket()) {
            probe.bind(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0));
            return probe.getLocalPort();
        }
    }

    private static void pause() throws IOException {
        try {
            Thread.sleep(Duration.ofMillis(10));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while PostgreSQL started", e);
        }
    }
}
