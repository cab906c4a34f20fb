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
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/// A real PostgreSQL of the broker's own, on a port of the loopback interface with a password that
/// only the broker knows. It lives exactly as long as the broker, is started again when it dies, and
/// its data stays.
final class EmbeddedPostgres implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(EmbeddedPostgres.class);
    private static final Duration PREDECESSOR_LIMIT = Duration.ofSeconds(30);
    private static final Duration REVIVAL_PAUSE = Duration.ofSeconds(1);
    private static final int PORT_ATTEMPTS = 5;
    private static final int REVIVALS = 20;

    private final FileChannel lock;
    private final PostgresServer server;
    private final int port;
    private PostgresProcess process;
    private boolean closed;
    private int revivalsLeft = REVIVALS;

    private EmbeddedPostgres(
            FileChannel lock, PostgresServer server, int port, PostgresProcess process) {
        this.lock = lock;
        this.server = server;
        this.port = port;
        this.process = process;
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
            EmbeddedPostgres started = start(lock, new PostgresServer(binaries, cluster, account));
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
        return server.cluster().password();
    }

    synchronized long pid() {
        return process.pid();
    }

    /// Gives up the data directory and leaves the process behind, as a kill can; for tests.
    synchronized void forget() throws IOException {
        closed = true;
        lock.close();
    }

    @Override
    public synchronized void close() throws IOException {
        closed = true;
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
            PostgresServer.pause(Duration.ofMillis(10));
        }
    }

    private static EmbeddedPostgres start(FileChannel lock, PostgresServer server)
            throws IOException {
        for (int attempt = 1; ; attempt++) {
            int port = freePort();
            PostgresProcess process = server.launch(port);
            if (server.awaitReady(process)) {
                EmbeddedPostgres started = new EmbeddedPostgres(lock, server, port, process);
                started.watch(process);
                return started;
            }
            // Somebody may have taken the port between the look and the start.
            if (attempt == PORT_ATTEMPTS || !process.lastWords().contains("Address already")) {
                throw new IOException("PostgreSQL does not start:\n" + process.lastWords());
            }
        }
    }

    private void watch(PostgresProcess watched) {
        Thread.ofPlatform()
                .name("embedded-postgresql-watch")
                .daemon()
                .start(
                        () -> {
                            watched.awaitEnd();
                            revive();
                        });
    }

    /// Starts a postmaster that died again, on its old port, where the connection pool looks for it.
    /// Its last backends may hold the data for a moment longer, so one attempt is not enough.
    private synchronized void revive() {
        while (!closed && revivalsLeft-- > 0) {
            LOG.error("PostgreSQL has died and is started again:\n{}", process.lastWords());
            try {
                PostgresServer.pause(REVIVAL_PAUSE);
                process = server.launch(port);
                if (server.awaitReady(process)) {
                    watch(process);
                    return;
                }
            } catch (IOException e) {
                LOG.error("PostgreSQL cannot be started again", e);
            }
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket probe = new ServerSocket()) {
            probe.bind(new InetSocketAddress(InetAddress.ofLiteral("127.0.0.1"), 0));
            return probe.getLocalPort();
        }
    }
}
