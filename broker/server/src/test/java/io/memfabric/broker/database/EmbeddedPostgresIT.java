package io.memfabric.broker.database;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.memfabric.broker.settings.BrokerSettings;
import io.memfabric.broker.testbed.Poll;
import io.memfabric.broker.testbed.TestBroker;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class EmbeddedPostgresIT {

    /// What a machine leaves behind that lost its power; the number belongs to another process now.
    private static final String STALE =
            ProcessHandle.current().pid() + "\n/nowhere\n0\n0\n\n\n\nready   \n";

    private Path dataDir = Path.of("/nowhere");

    @BeforeEach
    void makeDataDir() throws IOException {
        dataDir = TestBroker.newDataDir();
    }

    @AfterEach
    void deleteDataDir() {
        TestBroker.deleteTree(dataDir);
    }

    private BrokerSettings settings(Path dir) {
        return new BrokerSettings(
                dir,
                null,
                null,
                null,
                null,
                null,
                Duration.ofSeconds(10),
                Duration.ofSeconds(30),
                Duration.ofSeconds(10),
                Duration.ZERO,
                false,
                new BrokerSettings.Agents(BrokerSettings.Agents.Security.TRUSTED_NETWORK, null, 0),
                new BrokerSettings.Postgres(TestBroker.shared().dataDir(), "nobody"),
                new BrokerSettings.Oidc(
                        null,
                        null,
                        "memfabric",
                        "memfabric_roles",
                        "memfabric_tenant",
                        Duration.ZERO),
                new BrokerSettings.Limits(1000, 2000, 50, Duration.ofSeconds(20)),
                new BrokerSettings.History(Duration.ofDays(8), Duration.ofDays(400)));
    }

    @Test
    void keepsItsDataFromStartToStartAndThroughACrash() throws Exception {
        try (EmbeddedPostgres first = EmbeddedPostgres.start(settings(dataDir))) {
            execute(first, "create table kept (id int); insert into kept values (42)");
            assertThat(value(first, "show server_version_num")).startsWith("18");
            assertThat(value(first, "show fsync")).isEqualTo("on");
            assertThat(value(first, "show data_checksums")).isEqualTo("on");
            assertThat(value(first, "show listen_addresses")).isEqualTo("127.0.0.1");
            assertThat(value(first, "show password_encryption")).isEqualTo("scram-sha-256");
        }
        assertThat(dataDir.resolve("postgres/postmaster.pid")).doesNotExist();
        try (EmbeddedPostgres second = EmbeddedPostgres.start(settings(dataDir))) {
            execute(second, "insert into kept values (43)");
            long killed = second.pid();
            PostmasterPid.signal("KILL", killed);
            Poll.until(() -> second.pid() != killed);
            assertThat(value(second, "select sum(id) from kept")).isEqualTo("85");
        }
        Files.writeString(dataDir.resolve("postgres/postmaster.pid"), STALE);
        account().own(dataDir.resolve("postgres/postmaster.pid"));
        try (EmbeddedPostgres third = EmbeddedPostgres.start(settings(dataDir))) {
            assertThat(value(third, "select sum(id) from kept")).isEqualTo("85");
        }
    }

    private static PostgresAccount account() throws IOException {
        return PostgresAccount.choose("nobody");
    }

    private boolean lives(ProcessHandle process) {
        return process.isAlive();
    }

    @Test
    void endsAPostmasterThatNobodyOwnsAnyMore() throws Exception {
        EmbeddedPostgres lost = EmbeddedPostgres.start(settings(dataDir));
        // The lock of a killed broker is gone, its postmaster may still be there.
        lost.forget();
        try (EmbeddedPostgres next = EmbeddedPostgres.start(settings(dataDir))) {
            assertThat(next.pid()).isNotEqualTo(lost.pid());
            assertThat(ProcessHandle.of(lost.pid()).filter(this::lives)).isEmpty();
        }
    }

    @Test
    void letsNobodyInWithoutItsPassword() throws Exception {
        try (EmbeddedPostgres postgres = EmbeddedPostgres.start(settings(dataDir))) {
            assertThatThrownBy(
                            () ->
                                    DriverManager.getConnection(
                                                    postgres.jdbcUrl(), postgres.user(), "guess")
                                            .close())
                    .isInstanceOf(SQLException.class)
                    .hasMessageContaining("password");
        }
    }

    @Test
    void refusesADataDirectoryThatAnotherBrokerUses() throws Exception {
        try (EmbeddedPostgres first = EmbeddedPostgres.start(settings(dataDir))) {
            assertThat(first.pid()).isPositive();
            assertThatThrownBy(() -> EmbeddedPostgres.start(settings(dataDir)))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("another broker uses");
        }
    }

    @Test
    void saysWhichDirectoryItsAccountCannotEnter() throws Exception {
        Assumptions.assumeTrue(
                account() instanceof PostgresAccount.Other,
                "only a broker that runs as root changes the account");
        Path closed = dataDir.resolve("closed");
        Files.createDirectory(
                closed,
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        assertThatThrownBy(() -> EmbeddedPostgres.start(settings(closed.resolve("data"))))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("nobody")
                .hasMessageContaining("cannot enter " + closed + ";");
        assertThat(closed.resolve("data/postgres")).doesNotExist();
    }

    @Test
    void throwsAwayAHalfMadeCluster() throws Exception {
        Files.createDirectories(dataDir.resolve("postgres.new/data/base"));
        Files.writeString(dataDir.resolve("postgres.new/data/PG_VERSION"), "18\n");
        try (EmbeddedPostgres postgres = EmbeddedPostgres.start(settings(dataDir))) {
            assertThat(value(postgres, "select 1")).isEqualTo("1");
        }
    }

    @Test
    void endsWithTheThreadThatItIsBoundTo() throws Exception {
        PostgresAccount account = account();
        Process[] child = new Process[1];
        Thread parent =
                Thread.ofPlatform()
                        .start(
                                () -> {
                                    try {
                                        // PostgreSQL handles the signal whatever it inherits.
                                        child[0] =
                                                new ProcessBuilder(
                                                                account.command(
                                                                        java.util.List.of(
                                                                                "env",
                                                                                "--default-signal",
                                                                                "sleep",
                                                                                "600")))
                                                        .directory(Path.of("/").toFile())
                                                        .start();
                                        // setpriv needs a moment to become sleep.
                                        Poll.until(() -> isSleep(child[0]));
                                    } catch (IOException e) {
                                        throw new java.io.UncheckedIOException(e);
                                    }
                                });
        parent.join();
        assertThat(child[0].waitFor(20, TimeUnit.SECONDS)).isTrue();
    }

    private static boolean isSleep(Process process) {
        return process.info().command().filter(c -> c.endsWith("sleep")).isPresent();
    }

    private static void execute(EmbeddedPostgres postgres, String sql) throws SQLException {
        try (Connection connection = connect(postgres);
                Statement statement = connection.createStatement()) {
            statement.execute(sql);
        }
    }

    private static String value(EmbeddedPostgres postgres, String sql) throws SQLException {
        try (Connection connection = connect(postgres);
                Statement statement = connection.createStatement();
                ResultSet result = statement.executeQuery(sql)) {
            result.next();
            return result.getString(1);
        }
    }

    private static Connection connect(EmbeddedPostgres postgres) throws SQLException {
        return DriverManager.getConnection(
                postgres.jdbcUrl(), postgres.user(), postgres.password());
    }
}
