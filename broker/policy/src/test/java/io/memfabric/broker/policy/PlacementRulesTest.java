package io.memfabric.broker.policy;

import static org.assertj.core.api.Assertions.assertThat;

import io.memfabric.broker.policy.PlacementDecision.Placed;
import io.memfabric.broker.policy.PlacementDecision.Refused;
import io.memfabric.contract.vocabulary.LatencyClass;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class PlacementRulesTest {

    private static final UUID BORROWER = new UUID(9, 9);

    @Test
    void neverPutsBothLegsWhereOneFailureTakesThem() {
        int placed = 0;
        for (long seed = 1; seed <= 3_000; seed++) {
            Random random = new Random(seed);
            List<LenderCandidate> hosts = new ArrayList<>();
            Map<UUID, FailureDomain> domains = new HashMap<>();
            for (int i = 0; i < 2 + random.nextInt(8); i++) {
                FailureDomain domain =
                        new FailureDomain(label("r", random), label("p", random), null);
                LenderCandidate host = host(i, random.nextInt(6), domain, null);
                hosts.add(host);
                domains.put(host.hostId(), domain);
            }
            PlacementRequest request =
                    new PlacementRequest(BORROWER, 1 + random.nextInt(4), 2, LatencyClass.ANY);
            if (PlacementPolicy.place(request, hosts) instanceof Placed found) {
                placed++;
                for (List<UUID> extent : found.legs()) {
                    FailureDomain one =
                            domains.getOrDefault(extent.getFirst(), FailureDomain.UNKNOWN);
                    FailureDomain two =
                            domains.getOrDefault(extent.getLast(), FailureDomain.UNKNOWN);
                    assertThat(one.failsWith(two)).as("seed %d: %s", seed, extent).isFalse();
                }
            }
        }
        assertThat(placed).isGreaterThan(500);
    }

    @Test
    void refusesTwoLegsInOneRack() {
        FailureDomain rack = new FailureDomain("r1", null, null);
        Refused refused =
                (Refused)
                        place(
                                1,
                                2,
                                PlacementRules.USUAL,
                                host(1, 9, rack, null),
                                host(2, 9, rack, null));
        assertThat(refused.failure().code()).isEqualTo("insufficient_capacity");
        assertThat(refused.survey().wouldChange())
                .contains("free regions in another rack and power feed, or copies 1");
    }

    @Test
    void givesNoLenderMoreThanItsShare() {
        PlacementRules half = new PlacementRules(50, 20_000, false);
        Placed placed =
                (Placed) place(8, 1, half, host(1, 100, null), host(2, 4, null), host(3, 1, null));
        assertThat(count(placed, 1)).isEqualTo(4);
        assertThat(place(8, 1, half, host(1, 100, null), host(2, 3, null)))
                .isInstanceOf(Refused.class);
        assertThat(place(1, 1, half, host(1, 100, null))).isInstanceOf(Placed.class);
    }

    @Test
    void placesClassLowOnlyWhereRoundTripsWereMeasuredBelowTheBound() {
        PlacementRequest low = new PlacementRequest(BORROWER, 1, 1, LatencyClass.LOW);
        PlacementRules rules = new PlacementRules(100, 10_000, false);
        Placed placed =
                (Placed)
                        PlacementPolicy.place(
                                low,
                                rules,
                                List.of(
                                        host(1, 50, null),
                                        host(2, 5, 9_000L),
                                        host(3, 50, 11_000L)));
        assertThat(count(placed, 2)).isEqualTo(1);
        Refused refused =
                (Refused) PlacementPolicy.place(low, rules, List.of(host(3, 50, 11_000L)));
        assertThat(refused.failure().code()).isEqualTo("latency_class_unavailable");
        assertThat(refused.failure().detail()).contains("11000 ns").contains("10000 ns");
    }

    @Test
    void placesClassLowOverRdmaOnlyHoweverFastTcpWas() {
        PlacementRequest low = new PlacementRequest(BORROWER, 1, 1, LatencyClass.LOW);
        LenderCandidate tcp =
                lender(1, 50, FailureDomain.UNKNOWN, new LenderCandidate.RoundTrip(1_000, false));
        Refused refused = (Refused) PlacementPolicy.place(low, PlacementRules.USUAL, List.of(tcp));
        assertThat(refused.failure().code()).isEqualTo("latency_class_unavailable");
        assertThat(refused.failure().detail()).contains("none is reached over RDMA");
        assertThat(refused.survey().refused())
                .containsEntry("it is not reached over RDMA, which class LOW needs", 1);
        Placed placed =
                (Placed)
                        PlacementPolicy.place(
                                low, PlacementRules.USUAL, List.of(tcp, host(2, 1, 19_000L)));
        assertThat(count(placed, 2)).isEqualTo(1);
    }

    @Test
    void refusesWhatCouldNotBeMadeGoodAfterTheLossOfTheFullestLender() {
        PlacementRules careful = new PlacementRules(100, 20_000, true);
        assertThat(place(2, 1, careful, host(1, 4, null), host(2, 1, null)))
                .isInstanceOfSatisfying(
                        Refused.class,
                        r -> assertThat(r.failure().code()).isEqualTo("not_survivable"));
        assertThat(place(2, 1, careful, host(1, 4, null), host(2, 3, null)))
                .isInstanceOf(Placed.class);
    }

    @Test
    void tellsOfEveryHostThatItRuledOutWhy() {
        LenderCandidate cordoned =
                new LenderCandidate(
                        new UUID(0, 1), true, true, false, 5, 0, FailureDomain.UNKNOWN, null, 0);
        LenderCandidate silent = new LenderCandidate(new UUID(0, 2), false, true, 5);
        Refused refused = (Refused) place(1, 1, PlacementRules.USUAL, cordoned, silent);
        assertThat(refused.survey().refused())
                .containsEntry("it is cordoned or drained", 1)
                .containsEntry("its agent is not heard", 1);
        assertThat(refused.survey().examples()).containsKeys(new UUID(0, 1), new UUID(0, 2));
        assertThat(refused.survey().wouldChange())
                .contains("1 more hosts would count if not: it is cordoned or drained");
    }

    private static PlacementDecision place(
            int extents, int copies, PlacementRules rules, LenderCandidate... hosts) {
        return PlacementPolicy.place(
                new PlacementRequest(BORROWER, extents, copies, LatencyClass.ANY),
                rules,
                List.of(hosts));
    }

    private static long count(Placed placed, int host) {
        return placed.legs().stream()
                .flatMap(List::stream)
                .filter(new UUID(0, host)::equals)
                .count();
    }

    private static LenderCandidate host(int id, long free, @Nullable Long nanos) {
        return host(id, free, FailureDomain.UNKNOWN, nanos);
    }

    private static LenderCandidate host(
            int id, long free, FailureDomain domain, @Nullable Long nanos) {
        return lender(
                id,
                free,
                domain,
                nanos == null ? null : new LenderCandidate.RoundTrip(nanos, true));
    }

    private static LenderCandidate lender(
            int id,
            long free,
            FailureDomain domain,
            LenderCandidate.@Nullable RoundTrip roundTrip) {
        return new LenderCandidate(
                new UUID(0, id), true, true, true, free, 0, domain, roundTrip, 0);
    }

    private static @Nullable String label(String prefix, Random random) {
        return random.nextInt(4) == 0 ? null : prefix + random.nextInt(3);
    }
}
