package io.memfabric.control;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// Three brokers on one PostgreSQL, which a fourth process keeps that does nothing else.
final class ThreeBrokers implements AutoCloseable {

    private static final int COUNT = 3;
    private static final String DATABASE = "shared";

    private final Path root;
    private final Path dir;
    private final BrokerUnderTest keeper;
    private final List<BrokerUnderTest> brokers = new ArrayList<>();

    private ThreeBrokers(Path root, Path dir, BrokerUnderTest keeper) {
        this.root = root;
        this.dir = dir;
        this.keeper = keeper;
    }

    static ThreeBrokers start(Path root) throws IOException, InterruptedException {
        Path dir = BrokerUnderTest.newDataDir();
        ThreeBrokers all =
                new ThreeBrokers(
                        root,
                        dir,
                        BrokerUnderTest.start(
                                root,
                                dir,
                                BrokerUnderTest.freePort(),
                                List.of(),
                                "--spring.datasource.hikari.maximum-pool-size=4"));
        try {
            all.startAll();
            return all;
        } catch (IOException | InterruptedException | RuntimeException e) {
            all.close();
            throw e;
        }
    }

    private void startAll() throws IOException, InterruptedException {
        keeper.awaitReady();
        try (Connection database = connect("postgres");
                Statement statement = database.createStatement()) {
            statement.execute("create database " + DATABASE);
        } catch (SQLException e) {
            throw new IOException("the brokers' database cannot be made", e);
        }
        for (int i = 1; i <= COUNT; i++) {
            int port = BrokerUnderTest.freePort();
            Path dataDir = Files.createDirectory(dir.resolve("broker-" + i));
            brokers.add(
                    BrokerUnderTest.start(
                            root,
                            dataDir,
                            port,
                            List.of(),
                            "--memfabric.db-url=" + url(DATABASE),
                            "--memfabric.db-user=" + Pgbench.OWNER,
                            "--memfabric.db-password=" + Pgbench.password(dir),
                            "--memfabric.authority-file=" + dir.resolve("shared-authority.pem"),
                            "--memfabric.broker-url=http://127.0.0.1:" + port,
                            "--spring.datasource.hikari.maximum-pool-size=12"));
            if (i == 1) {
                // It makes the schema and the authority that the others take up.
                brokers.getFirst().awaitReady();
            }
        }
        for (BrokerUnderTest broker : brokers) {
            broker.awaitReady();
        }
    }

    private String url(String database) throws IOException {
        return "jdbc:postgresql://127.0.0.1:%d/%s".formatted(Pgbench.port(dir), database);
    }

    private Connection connect(String database) throws IOException, SQLException {
        return DriverManager.getConnection(url(database), Pgbench.OWNER, Pgbench.password(dir));
    }

    /// A caller who knows all three.
    Rest admin() throws IOException {
        List<URI> all = brokers.stream().map(BrokerUnderTest::address).toList();
        String token = Files.readString(dir.resolve("broker-1/admin-token")).strip();
        return new Rest(all, token, 0);
    }

    /// Kills the first broker, stops the second for this long and lets it go on as a zombie; answers
    /// nanoTime of that moment.
    long killOneAndPauseOne(Duration pause) throws IOException, InterruptedException {
        brokers.get(0).kill();
        brokers.get(1).signal("STOP");
        Thread.sleep(pause);
        brokers.get(1).signal("CONT");
        return System.nanoTime();
    }

    /// How many hosts the broker serves that nothing happens to.
    int hostsOfTheLastBroker() throws IOException {
        try (Connection database = connect(DATABASE);
                Statement statement = database.createStatement();
                var rows =
                        statement.executeQuery(
                                "select count(*) from presences p join brokers b"
                                        + " on b.id = p.broker_id where b.address = '"
                                        + brokers.getLast().address()
                                        + "'")) {
            rows.next();
            return rows.getInt(1);
        } catch (SQLException e) {
            throw new IOException(e);
        }
    }

    /// Lenders and a borrower, spread over the brokers; then a storm of grants with that in its midst.
    GrantStorm.Outcome storm(int grants, int callers, Duration pause)
            throws IOException, InterruptedException {
        List<SimulatedHost> hosts = new ArrayList<>();
        try {
            List<SimulatedHost> lenders = GrantStorm.lenders(admin(), 4, 150);
            hosts.addAll(lenders);
            SimulatedHost borrower = SimulatedHost.enroll(admin(), "borrower", 0, 1);
            hosts.add(borrower);
            borrower.start();
            return new GrantStorm(admin(), lenders, borrower, 2)
                    .run(grants, callers, () -> killOneAndPauseOne(pause));
        } finally {
            hosts.forEach(SimulatedHost::close);
        }
    }

    @Override
    public void close() {
        for (BrokerUnderTest broker : brokers) {
            broker.close();
        }
        keeper.close();
        try {
            Postmaster.awaitEnd(dir);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        BrokerUnderTest.deleteTree(dir);
    }
}
