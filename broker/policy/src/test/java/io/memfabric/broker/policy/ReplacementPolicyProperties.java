package io.memfabric.broker.policy;

import static org.assertj.core.api.Assertions.assertThat;

import io.memfabric.broker.policy.ReplacementPolicy.Wanted;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/// New places for lost legs, against a search of everything that is possible.
class ReplacementPolicyProperties {

    private static final UUID BORROWER = new UUID(0, 0);

    @Test
    void placesAsManyLegsAsThereIsRoomForAndNoneWhereItMustNotBe() {
        for (long seed = 1; seed <= 5_000; seed++) {
            Random random = new Random(seed);
            List<LenderCandidate> hosts = new ArrayList<>();
            for (int host = 0; host < 5; host++) {
                hosts.add(
                        new LenderCandidate(
                                new UUID(0, host),
                                random.nextInt(6) > 0,
                                random.nextInt(6) > 0,
                                random.nextInt(3)));
            }
            List<Wanted> wanted = new ArrayList<>();
            for (int extent = 0; extent < random.nextInt(6); extent++) {
                Set<UUID> barred = new HashSet<>();
                for (int i = 0; i < 1 + random.nextInt(3); i++) {
                    barred.add(new UUID(0, 1 + random.nextInt(4)));
                }
                wanted.add(new Wanted(extent, random.nextInt(2), barred));
            }
            check("seed " + seed, wanted, hosts);
        }
    }

    private static void check(String seed, List<Wanted> wanted, List<LenderCandidate> hosts) {
        Map<Wanted, UUID> places = ReplacementPolicy.place(BORROWER, wanted, hosts);
        Map<UUID, Long> room = new HashMap<>();
        hosts.stream()
                .filter(h -> h.reachable() && h.lending() && !h.hostId().equals(BORROWER))
                .forEach(h -> room.put(h.hostId(), h.freeRegions()));
        places.forEach((leg, host) -> assertThat(leg.barred()).as(seed).doesNotContain(host));
        places.values().forEach(host -> room.merge(host, -1L, Long::sum));
        assertThat(room.values()).as(seed).allMatch(left -> left >= 0);
        assertThat(room).as(seed).doesNotContainKey(BORROWER);
        places.values().forEach(host -> room.merge(host, 1L, Long::sum));
        assertThat(places).as(seed).hasSize(most(wanted, 0, room));
    }

    private static int most(List<Wanted> wanted, int from, Map<UUID, Long> room) {
        if (from == wanted.size()) {
            return 0;
        }
        int best = most(wanted, from + 1, room);
        for (UUID host : Set.copyOf(room.keySet())) {
            if (!wanted.get(from).barred().contains(host) && room.getOrDefault(host, 0L) > 0) {
                room.merge(host, -1L, Long::sum);
                best = Math.max(best, 1 + most(wanted, from + 1, room));
                room.merge(host, 1L, Long::sum);
            }
        }
        return best;
    }
}
