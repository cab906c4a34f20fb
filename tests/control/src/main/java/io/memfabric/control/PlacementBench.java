package io.memfabric.control;

import io.memfabric.broker.policy.LenderCandidate;
import io.memfabric.broker.policy.PlacementDecision;
import io.memfabric.broker.policy.PlacementPolicy;
import io.memfabric.broker.policy.PlacementRequest;
import io.memfabric.contract.vocabulary.LatencyClass;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.UUID;

/// How long one decision takes on 10,000 hosts with a million free regions.
final class PlacementBench {

    private static final int HOSTS = 10_000;
    private static final int FREE_EACH = 100;
    private static final int WARM_UP = 3_000;
    private static final int ROUNDS = 3;
    private static final int DECISIONS = 2_000;
    private static final int EXTENTS = 16;
    private static final double GOAL_MILLIS = 1;

    private PlacementBench() {}

    static List<Figure> run() {
        Random random = new Random(20_260_101);
        List<LenderCandidate> hosts = new ArrayList<>();
        for (int i = 0; i < HOSTS; i++) {
            UUID id = new UUID(random.nextLong(), random.nextLong());
            hosts.add(new LenderCandidate(id, true, true, random.nextInt(2 * FREE_EACH + 1)));
        }
        for (int i = 0; i < WARM_UP; i++) {
            decide(hosts, random);
        }
        List<Double> rounds = new ArrayList<>();
        for (int round = 0; round < ROUNDS; round++) {
            long[] nanos = new long[DECISIONS];
            for (int i = 0; i < DECISIONS; i++) {
                nanos[i] = decide(hosts, random);
            }
            Arrays.sort(nanos);
            rounds.add(nanos[DECISIONS * 99 / 100] / 1e6);
        }
        return List.of(Figure.below("placement_10k_hosts_p99_ms", "ms", GOAL_MILLIS, rounds));
    }

    private static long decide(List<LenderCandidate> hosts, Random random) {
        UUID borrower = hosts.get(random.nextInt(hosts.size())).hostId();
        PlacementRequest request =
                new PlacementRequest(borrower, EXTENTS, 2, LatencyClass.STANDARD);
        long begin = System.nanoTime();
        PlacementDecision decision = PlacementPolicy.place(request, hosts);
        long end = System.nanoTime();
        if (!(decision instanceof PlacementDecision.Placed placed)
                || placed.legs().size() != EXTENTS) {
            throw new IllegalStateException("not placed: " + decision);
        }
        return end - begin;
    }
}
