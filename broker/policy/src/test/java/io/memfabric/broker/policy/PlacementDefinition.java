package io.memfabric.broker.policy;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// Where a grant's legs go, written down as plainly as it can be said: sort all hosts anew before
/// each leg and take the first that may have it. Slow, and nothing like the policy.
final class PlacementDefinition {

    private final PlacementRequest request;
    private final PlacementRules rules;
    private final Map<UUID, LenderCandidate> usable = new HashMap<>();
    private final Map<UUID, Long> placedOn = new HashMap<>();

    /// How many more legs a host gets before another has its turn.
    private final Map<UUID, Integer> turns = new HashMap<>();

    private int turn = 1;

    PlacementDefinition(
            PlacementRequest request, PlacementRules rules, List<LenderCandidate> hosts) {
        this.request = request;
        this.rules = rules;
        hosts.stream()
                .filter(h -> !h.hostId().equals(request.borrowerId()))
                .filter(h -> h.reachable() && h.lending() && h.open() && h.freeRegions() > 0)
                .filter(h -> h.unfitFor(request.latencyClass(), rules) == null)
                .forEach(h -> usable.put(h.hostId(), h));
    }

    /// The hosts of each extent's legs, or nothing where there is no place.
    @Nullable List<List<UUID>> legs() {
        long legs = (long) request.extents() * request.copies();
        if (usable.values().stream().mapToLong(this::room).sum() < legs) {
            return null;
        }
        Comparator<LenderCandidate> emptiest =
                Comparator.comparingLong(this::free)
                        .reversed()
                        .thenComparing(LenderCandidate::hostId);
        Comparator<LenderCandidate> steady =
                Comparator.<LenderCandidate, Boolean>comparing(h -> steady(h) == 0)
                        .thenComparing(emptiest);
        Comparator<LenderCandidate> inTurn =
                Comparator.<LenderCandidate, Boolean>comparing(h -> steady(h) == 0)
                        .thenComparing(h -> turns.getOrDefault(h.hostId(), 0) == 0)
                        .thenComparing(emptiest);
        for (Comparator<LenderCandidate> order : List.of(inTurn, steady, emptiest)) {
            turn = order.equals(inTurn) ? (request.extents() + 7) / 8 : 1;
            placedOn.clear();
            turns.clear();
            List<LenderCandidate> sorted = usable.values().stream().sorted(order).toList();
            int first = (int) Math.min(2 * legs, sorted.size());
            for (int looksAt : new int[] {first, sorted.size()}) {
                List<List<UUID>> placed = place(sorted.subList(0, looksAt), order);
                if (placed != null) {
                    return placed;
                }
            }
        }
        return null;
    }

    /// How many of the legs that were placed are more than their host's own VMs will leave it.
    long wantedBack() {
        return placedOn.entrySet().stream()
                .mapToLong(on -> on.getValue() - find(on.getKey()).steadyRegions())
                .filter(more -> more > 0)
                .sum();
    }

    int turn() {
        return turn;
    }

    boolean anySteady() {
        return usable.values().stream().anyMatch(h -> h.steadyRegions() > 0);
    }

    private @Nullable List<List<UUID>> place(
            List<LenderCandidate> hosts, Comparator<LenderCandidate> order) {
        placedOn.clear();
        turns.clear();
        List<List<UUID>> legs = new ArrayList<>();
        for (int extent = 0; extent < request.extents(); extent++) {
            List<LenderCandidate> taken = new ArrayList<>();
            for (int copy = 0; copy < request.copies(); copy++) {
                LenderCandidate next =
                        hosts.stream()
                                .filter(h -> placed(h) < room(h) && !taken.contains(h))
                                .filter(h -> taken.stream().noneMatch(t -> together(t, h)))
                                .min(order)
                                .orElse(null);
                if (next == null) {
                    return null;
                }
                taken.add(next);
            }
            taken.forEach(h -> placedOn.merge(h.hostId(), 1L, Long::sum));
            taken.forEach(
                    h -> turns.merge(h.hostId(), turn - 1, (left, _) -> (left + turn - 1) % turn));
            legs.add(taken.stream().map(LenderCandidate::hostId).toList());
        }
        return legs;
    }

    private static boolean together(LenderCandidate one, LenderCandidate other) {
        return one.domain().failsWith(other.domain());
    }

    private long placed(LenderCandidate host) {
        return placedOn.getOrDefault(host.hostId(), 0L);
    }

    private long free(LenderCandidate host) {
        return host.freeRegions() - placed(host);
    }

    private long steady(LenderCandidate host) {
        return Math.max(0, host.steadyRegions() - placed(host));
    }

    private long room(LenderCandidate host) {
        long share =
                (long) request.extents() * request.copies() * rules.largestSharePercent() / 100;
        return Math.min(host.freeRegions(), Math.min(Math.max(1, share), request.extents()));
    }

    private LenderCandidate find(UUID host) {
        return Objects.requireNonNull(usable.get(host));
    }
}
