package io.memfabric.control;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// From the start of the process to the first good answer about its readiness, on a database that is
/// there; and how much memory it then has.
final class StartBench {

    private static final int ROUNDS = 3;
    private static final double GOAL_SECONDS = 4;
    private static final double GOAL_BYTES = 350L << 20;

    private StartBench() {}

    static List<Figure> run(Path root) throws IOException, InterruptedException {
        Path dataDir = BrokerUnderTest.newDataDir();
        List<Double> seconds = new ArrayList<>();
        List<Double> resident = new ArrayList<>();
        double first = 0;
        try {
            for (int round = 0; round <= ROUNDS; round++) {
                long begin = System.nanoTime();
                try (BrokerUnderTest broker =
                        BrokerUnderTest.start(
                                root, dataDir, BrokerUnderTest.freePort(), List.of())) {
                    broker.awaitReady();
                    double took = (System.nanoTime() - begin) / 1e9;
                    if (round == 0) {
                        first = took;
                    } else {
                        seconds.add(took);
                        Thread.sleep(2_000);
                        resident.add((double) broker.residentBytes());
                    }
                    broker.stop();
                }
            }
        } finally {
            Postmaster.awaitEnd(dataDir);
            BrokerUnderTest.deleteTree(dataDir);
        }
        return List.of(
                Figure.below("start_ready_s", "s", GOAL_SECONDS, seconds),
                Figure.plain("first_start_ready_s", "s", List.of(first)),
                Figure.below("resident_bytes", "bytes", GOAL_BYTES, resident));
    }
}
