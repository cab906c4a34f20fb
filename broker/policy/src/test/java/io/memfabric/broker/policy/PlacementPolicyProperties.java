package io.memfabric.broker.policy;

import static org.assertj.core.api.Assertions.assertThat;

import io.memfabric.contract.vocabulary.LatencyClass;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// Placement on random pictures of the fabric. A failure prints the seed that makes it again.
class PlacementPolicyProperties {

    private static final int CASES = 5000;

    @Test
    void placesExactlyWhenThereIsAPlacementAndThenByTheRules() {
        int placed = 0;
        int refused = 0;
        for (long seed = 1; seed <= CASES; seed++) {
            Random random = new Random(seed);
            List<LenderCandidate> hosts = hosts(random);
            PlacementRequest request =
                    new PlacementRequest(
                            new UUID(0, random.nextInt(8)),
                            1 + random.nextInt(12),
                            1 + random.nextInt(3),
                            LatencyClass.STANDARD);
            switch (PlacementPolicy.place(request, hosts)) {
                case PlacementDecision.Placed p -> {
                    placed++;
                    check(seed, request, hosts, p.legs());
                }
                case PlacementDecision.Refused _ -> {
                    refused++;
                    assertThat(isPossible(request, hosts)).as("seed %d", seed).isFalse();
                }
            }
        }
        assertThat(placed).isGreaterThan(CASES / 10);
        assertThat(refused).isGreaterThan(CASES / 10);
    }

    @Test
    void placesEveryLegWhereItsDefinitionSays() {
        int placed = 0;
        int refused = 0;
        int fewLookedAt = 0;
        int inTurn = 0;
        for (long seed = 1; seed <= CASES; seed++) {
            Random random = new Random(seed);
            List<LenderCandidate> hosts = manyHosts(random);
            PlacementRequest request =
                    new PlacementRequest(
                            new UUID(random.nextInt(3) - 1L, 0),
                            1 + random.nextInt(random.nextInt(4) == 0 ? 40 : 6),
                            1 + random.nextInt(3),
                            random.nextInt(4) == 0 ? LatencyClass.LOW : LatencyClass.ANY);
            PlacementRules rules = new PlacementRules(1 + random.nextInt(100), 20_000, false);
            PlacementDefinition definition = new PlacementDefinition(request, rules, hosts);
            List<List<UUID>> legs = definition.legs();
            switch (PlacementPolicy.place(request, rules, hosts)) {
                case PlacementDecision.Placed p -> {
                    placed++;
                    if (p.survey().usable() > 2 * request.extents() * request.copies()) {
                        fewLookedAt++;
                    }
                    if (definition.turn() > 1) {
                        inTurn++;
                    }
                    assertThat(p.legs()).as("seed %d", seed).isEqualTo(legs);
                    assertThat(p.because())
                            .as("seed %d", seed)
                            .endsWith(because(request, p, definition));
                }
                case PlacementDecision.Refused _ -> {
                    refused++;
                    assertThat(legs).as("seed %d", seed).isNull();
                }
            }
        }
        assertThat(placed).isGreaterThan(CASES / 10);
        assertThat(refused).isGreaterThan(CASES / 10);
        assertThat(fewLookedAt).isGreaterThan(CASES / 10);
        assertThat(inTurn).isGreaterThan(CASES / 50);
    }

    private static String because(
            PlacementRequest request,
            PlacementDecision.Placed placed,
            PlacementDefinition definition) {
        String all =
                "on %d of %d usable lenders, the emptiest first"
                        .formatted(
                                placed.legs().stream().flatMap(List::stream).distinct().count(),
                                placed.survey().usable());
        if (definition.turn() > 1) {
            all += ", %d at a time".formatted(definition.turn());
        }
        long wantedBack = definition.wantedBack();
        return "%d x %d regions ".formatted(request.extents(), request.copies())
                + all
                + (definition.anySteady()
                        ? " among those whose own VMs will not soon want the memory back"
                        : "")
                + (definition.anySteady() && wantedBack > 0
                        ? "; %d legs found no place there".formatted(wantedBack)
                        : "");
    }

    /// Hosts with racks, power feeds, forecasts, ties and measured ways, some of more than the grant
    /// can have legs.
    private static List<LenderCandidate> manyHosts(Random random) {
        List<LenderCandidate> hosts = new ArrayList<>();
        int count = random.nextInt(60);
        int racks = 1 + random.nextInt(12);
        boolean forecast = random.nextBoolean();
        int most = random.nextBoolean() ? 6 : 30;
        for (int i = 0; i < count; i++) {
            long free = random.nextInt(most);
            hosts.add(
                    new LenderCandidate(
                            new UUID(i % 3 - 1L, i),
                            random.nextInt(8) > 0,
                            random.nextInt(8) > 0,
                            random.nextInt(8) > 0,
                            free,
                            0,
                            new FailureDomain(
                                    some(random, "rack", racks), some(random, "power", 9), null),
                            random.nextInt(8) == 0
                                    ? null
                                    : new LenderCandidate.RoundTrip(
                                            random.nextInt(25_000), random.nextInt(8) > 0),
                            forecast ? random.nextLong(free + 1) : 0));
        }
        Collections.shuffle(hosts, random);
        return hosts;
    }

    private static @Nullable String some(Random random, String name, int count) {
        return random.nextBoolean() ? name + random.nextInt(count) : null;
    }

    private static void check(
            long seed,
            PlacementRequest request,
            List<LenderCandidate> hosts,
            List<List<UUID>> legs) {
        Map<UUID, LenderCandidate> byId = new HashMap<>();
        hosts.forEach(host -> byId.put(host.hostId(), host));
        Map<UUID, Long> used = new HashMap<>();
        assertThat(legs).as("seed %d", seed).hasSize(request.extents());
        for (List<UUID> extent : legs) {
            assertThat(extent)
                    .as("seed %d", seed)
                    .hasSize(request.copies())
                    .doesNotHaveDuplicates()
                    .doesNotContain(request.borrowerId());
            extent.forEach(id -> used.merge(id, 1L, Long::sum));
        }
        used.forEach(
                (id, count) -> {
                    LenderCandidate host = Objects.requireNonNull(byId.get(id));
                    assertThat(host.reachable() && host.lending()).as("seed %d", seed).isTrue();
                    assertThat(count).as("seed %d", seed).isLessThanOrEqualTo(host.freeRegions());
                });
    }

    /// A maximum flow from extents to hosts, by augmenting paths: slow, and nothing like the policy.
    private static boolean isPossible(PlacementRequest request, List<LenderCandidate> hosts) {
        List<LenderCandidate> usable =
                hosts.stream()
                        .filter(h -> h.reachable() && h.lending())
                        .filter(h -> !h.hostId().equals(request.borrowerId()))
                        .toList();
        boolean[][] taken = new boolean[request.extents()][usable.size()];
        for (int copy = 0; copy < request.copies(); copy++) {
            for (int extent = 0; extent < request.extents(); extent++) {
                if (!augment(extent, usable, taken, new boolean[usable.size()])) {
                    return false;
                }
            }
        }
        return true;
    }

    private static boolean augment(
            int extent, List<LenderCandidate> hosts, boolean[][] taken, boolean[] tried) {
        for (int host = 0; host < hosts.size(); host++) {
            if (taken[extent][host] || tried[host]) {
                continue;
            }
            tried[host] = true;
            List<Integer> holders = new ArrayList<>();
            for (int other = 0; other < taken.length; other++) {
                if (taken[other][host]) {
                    holders.add(other);
                }
            }
            if (holders.size() < hosts.get(host).freeRegions()) {
                taken[extent][host] = true;
                return true;
            }
            for (int other : holders) {
                taken[other][host] = false;
                taken[extent][host] = true;
                if (augment(other, hosts, taken, tried)) {
                    return true;
                }
                taken[extent][host] = false;
                taken[other][host] = true;
            }
        }
        return false;
    }

    private static List<LenderCandidate> hosts(Random random) {
        List<LenderCandidate> hosts = new ArrayList<>();
        int count = random.nextInt(7);
        for (int i = 0; i < count; i++) {
            long free = random.nextInt(12);
            hosts.add(
                    new LenderCandidate(
                            new UUID(0, i),
                            random.nextInt(8) > 0,
                            random.nextInt(8) > 0,
                            true,
                            free,
                            0,
                            FailureDomain.UNKNOWN,
                            null,
                            random.nextLong(free + 1)));
        }
        return hosts;
    }
}
