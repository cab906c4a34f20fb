package io.memfabric.broker.policy;

import io.memfabric.broker.policy.PlacementDecision.Placed;
import io.memfabric.broker.policy.PlacementDecision.Refused;
import io.memfabric.contract.vocabulary.LatencyClass;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.TreeSet;
import java.util.UUID;

/// Chooses the lenders of a grant's legs.
///
/// Each leg goes to the host that has the most free regions left, so what remains free stays level
/// across lenders. Taking the largest first also finds a placement whenever one exists: legs of an
/// extent on different hosts are a bipartite degree sequence, for which that greedy choice is
/// complete (Gale and Ryser, 1957).
public final class PlacementPolicy {

    private PlacementPolicy() {}

    /// Places a grant on a snapshot of the hosts.
    public static PlacementDecision place(PlacementRequest request, List<LenderCandidate> hosts) {
        if (request.latencyClass() == LatencyClass.LOW) {
            return new Refused(
                    new Failure(
                            "latency_class_unavailable",
                            "No lender has a measured latency below the bound of class LOW."));
        }
        List<LenderCandidate> usable =
                hosts.stream()
                        .filter(h -> !h.hostId().equals(request.borrowerId()))
                        .filter(h -> h.reachable() && h.lending() && h.freeRegions() > 0)
                        .toList();
        long placeable =
                usable.stream().mapToLong(h -> Math.min(h.freeRegions(), request.extents())).sum();
        if (placeable < (long) request.extents() * request.copies()) {
            return new Refused(shortage(request, hosts, usable));
        }
        return spread(request, usable);
    }

    private static Placed spread(PlacementRequest request, List<LenderCandidate> usable) {
        PriorityQueue<Left> queue = new PriorityQueue<>(Left.MOST_FIRST);
        usable.forEach(h -> queue.add(new Left(h.hostId(), h.freeRegions())));
        List<List<UUID>> legs = new ArrayList<>(request.extents());
        TreeSet<UUID> chosen = new TreeSet<>();
        for (int extent = 0; extent < request.extents(); extent++) {
            List<Left> taken = new ArrayList<>(request.copies());
            for (int copy = 0; copy < request.copies(); copy++) {
                taken.add(queue.remove());
            }
            legs.add(taken.stream().map(Left::hostId).toList());
            for (Left left : taken) {
                chosen.add(left.hostId());
                if (left.regions() > 1) {
                    queue.add(new Left(left.hostId(), left.regions() - 1));
                }
            }
        }
        return new Placed(
                List.copyOf(legs),
                "%d x %d regions on %d of %d usable lenders, the emptiest first"
                        .formatted(
                                request.extents(), request.copies(), chosen.size(), usable.size()));
    }

    private static Failure shortage(
            PlacementRequest request, List<LenderCandidate> all, List<LenderCandidate> usable) {
        long others = all.stream().filter(h -> !h.hostId().equals(request.borrowerId())).count();
        long unreachable =
                all.stream()
                        .filter(h -> !h.hostId().equals(request.borrowerId()) && !h.reachable())
                        .count();
        long free = usable.stream().mapToLong(LenderCandidate::freeRegions).sum();
        return new Failure(
                "insufficient_capacity",
                ("The grant needs %d regions with %d legs each on different hosts; %d regions are"
                                + " free on %d of %d other hosts (%d unreachable).")
                        .formatted(
                                request.extents(),
                                request.copies(),
                                free,
                                usable.size(),
                                others,
                                unreachable));
    }

    /// A host and the regions that are left there.
    private record Left(UUID hostId, long regions) {
        static final Comparator<Left> MOST_FIRST =
                Comparator.comparingLong(Left::regions).reversed().thenComparing(Left::hostId);
    }
}
