package io.memfabric.control;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;

/// 200 concurrent grants with the broker, and then its database, killed in the middle.
final class KillBench {

    private static final int GRANTS = 200;
    private static final int CALLERS = 24;
    private static final int POSTMASTER_CYCLES = 3;
    private static final double BROKER_GOAL_SECONDS = 30;
    private static final double DATABASE_GOAL_SECONDS = 10;

    private final Path root;
    private final Path dataDir;
    private final int port;
    private BrokerUnderTest broker;

    private KillBench(Path root, Path dataDir, int port) throws IOException {
        this.root = root;
        this.dataDir = dataDir;
        this.port = port;
        this.broker = BrokerUnderTest.start(root, dataDir, port, List.of());
    }

    static List<Figure> run(Path root, int cycles) throws IOException, InterruptedException {
        Path dataDir = BrokerUnderTest.newDataDir();
        KillBench bench = new KillBench(root, dataDir, BrokerUnderTest.freePort());
        List<SimulatedHost> hosts = new ArrayList<>();
        try {
            bench.broker.awaitReady();
            List<SimulatedHost> lenders = GrantStorm.lenders(bench.broker.admin(), 4, 150);
            hosts.addAll(lenders);
            SimulatedHost borrower = SimulatedHost.enroll(bench.broker.admin(), "borrower", 0, 1);
            hosts.add(borrower);
            borrower.start();
            GrantStorm storm = new GrantStorm(bench.broker.admin(), lenders, borrower, 2);
            List<GrantStorm.Outcome> kills = new ArrayList<>();
            for (int i = 0; i < cycles; i++) {
                kills.add(storm.run(GRANTS, CALLERS, bench::killBroker));
            }
            List<GrantStorm.Outcome> databases = new ArrayList<>();
            List<Double> serving = new ArrayList<>();
            for (int i = 0; i < POSTMASTER_CYCLES; i++) {
                databases.add(storm.run(GRANTS, CALLERS, () -> bench.killPostmaster(serving)));
            }
            List<Figure> figures = new ArrayList<>(figures("broker_kill", kills));
            figures.addAll(figures("postmaster_kill", databases));
            figures.add(
                    Figure.never("postmaster_kill.serving_s", "s", DATABASE_GOAL_SECONDS, serving));
            return figures;
        } finally {
            hosts.forEach(SimulatedHost::close);
            bench.broker.kill();
            Postmaster.awaitEnd(dataDir);
            BrokerUnderTest.deleteTree(dataDir);
        }
    }

    /// Three brokers on one database, one killed and one paused for a minute.
    static List<Figure> three(Path root, Duration pause) throws IOException, InterruptedException {
        try (ThreeBrokers brokers = ThreeBrokers.start(root)) {
            return figures("three_brokers", List.of(brokers.storm(GRANTS, CALLERS, pause)));
        }
    }

    private long killBroker() throws IOException, InterruptedException {
        broker.kill();
        broker = BrokerUnderTest.start(root, dataDir, port, List.of());
        broker.awaitReady();
        return System.nanoTime();
    }

    private long killPostmaster(List<Double> serving) throws IOException, InterruptedException {
        long up = Postmaster.kill(dataDir);
        broker.awaitReady();
        serving.add((System.nanoTime() - up) / 1e9);
        return up;
    }

    private static List<Figure> figures(String name, List<GrantStorm.Outcome> outcomes) {
        return List.of(
                Figure.never(name + ".lost", "grants", 0, all(outcomes, o -> o.lost())),
                Figure.never(name + ".doubled", "grants", 0, all(outcomes, o -> o.doubled())),
                Figure.never(
                        name + ".leaked_regions", "regions", 0, all(outcomes, o -> o.leaked())),
                Figure.never(
                        name + ".settled_s",
                        "s",
                        BROKER_GOAL_SECONDS,
                        all(outcomes, GrantStorm.Outcome::settledSeconds)));
    }

    private static List<Double> all(
            List<GrantStorm.Outcome> outcomes, ToDoubleFunction<GrantStorm.Outcome> value) {
        return outcomes.stream().mapToDouble(value).boxed().toList();
    }
}
