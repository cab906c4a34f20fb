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

    private KillBench() {}

    static List<Figure> run(Path root, int cycles) throws IOException, InterruptedException {
        try (Fabric fabric = Fabric.start(root, 4, 150)) {
            GrantStorm storm = fabric.storm();
            List<GrantStorm.Outcome> kills = new ArrayList<>();
            for (int i = 0; i < cycles; i++) {
                kills.add(storm.run(GRANTS, CALLERS, fabric::killBroker));
            }
            List<GrantStorm.Outcome> databases = new ArrayList<>();
            List<Double> serving = new ArrayList<>();
            for (int i = 0; i < POSTMASTER_CYCLES; i++) {
                databases.add(storm.run(GRANTS, CALLERS, () -> killPostmaster(fabric, serving)));
            }
            List<Figure> figures = new ArrayList<>(figures("broker_kill", kills));
            figures.addAll(figures("postmaster_kill", databases));
            figures.add(
                    Figure.never("postmaster_kill.serving_s", "s", DATABASE_GOAL_SECONDS, serving));
            return figures;
        }
    }

    /// Three brokers on one database, one killed and one paused for this long.
    static List<Figure> three(Path root, Duration pause) throws IOException, InterruptedException {
        try (ThreeBrokers brokers = ThreeBrokers.start(root)) {
            return figures("three_brokers", List.of(brokers.storm(GRANTS, CALLERS, pause)));
        }
    }

    private static long killPostmaster(Fabric fabric, List<Double> serving)
            throws IOException, InterruptedException {
        long up = Postmaster.kill(fabric.dataDir());
        fabric.broker().awaitReady();
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
