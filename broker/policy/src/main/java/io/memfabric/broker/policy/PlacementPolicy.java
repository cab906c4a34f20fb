package io.memfabric.broker.policy;

import io.memfabric.broker.policy.PlacementDecision.Placed;
import io.memfabric.broker.policy.PlacementDecision.Refused;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.TreeSet;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// Chooses the lenders of a grant's legs.
///
/// Each leg goes to the host that has the most free regions left, so what remains free stays level
/// across lenders. Where no two hosts fail together, taking the largest first also finds a placement
/// whenever one exists: legs of an extent on different hosts are a bipartite degree sequence, for
/// which that greedy choice is complete (Gale and Ryser, 1957). Among hosts that share racks or
/// power feeds it is a heuristic: it may refuse a nearly full fabric in which there is a placement.
///
/// Only as many hosts are sorted as the grant can have legs, first those with the most free regions;
/// all are looked at again only where these do not suffice.
public final class PlacementPolicy {

    private static final Comparator<LenderCandidate> EMPTIEST =
            Comparator.comparingLong(LenderCandidate::freeRegions)
                    .reversed()
                    .thenComparing(LenderCandidate::hostId);

    private PlacementPolicy() {}

    /// Places a grant on a snapshot of the hosts, by the usual rules.
    public static PlacementDecision place(PlacementRequest request, List<LenderCandidate> hosts) {
        return place(request, PlacementRules.USUAL, hosts);
    }

    /// Places a grant on a snapshot of the hosts.
    public static PlacementDecision place(
            PlacementRequest request, PlacementRules rules, List<LenderCandidate> hosts) {
        LenderSurvey survey = new LenderSurvey(request, rules, hosts);
        long legs = (long) request.extents() * request.copies();
        if (survey.freeRegions() < legs) {
            return new Refused(survey.failure(), survey.tell(false));
        }
        List<LenderCandidate> emptiest =
                emptiest(survey.usable, (int) Math.min(2 * legs, survey.usable.size()));
        List<List<UUID>> placed = spread(request, survey, emptiest);
        if (placed == null && emptiest.size() < survey.usable.size()) {
            placed = spread(request, survey, survey.usable);
        }
        if (placed == null) {
            return new Refused(survey.failure(), survey.tell(false));
        }
        if (rules.surviveLargestLender() && !survives(hosts, placed)) {
            return new Refused(
                    new Failure(
                            "not_survivable",
                            "After this grant the loss of the lender that holds most could not be made"
                                    + " good from what is free elsewhere."),
                    survey.tell(false));
        }
        TreeSet<UUID> chosen = new TreeSet<>();
        placed.forEach(chosen::addAll);
        return new Placed(
                List.copyOf(placed),
                "%d x %d regions on %d of %d usable lenders, the emptiest first"
                        .formatted(
                                request.extents(),
                                request.copies(),
                                chosen.size(),
                                survey.usable.size()),
                survey.tell(true));
    }

    private static List<LenderCandidate> emptiest(List<LenderCandidate> usable, int count) {
        if (count == usable.size()) {
            return usable;
        }
        PriorityQueue<LenderCandidate> kept = new PriorityQueue<>(count + 1, EMPTIEST.reversed());
        for (LenderCandidate host : usable) {
            if (kept.size() < count) {
                kept.add(host);
            } else if (EMPTIEST.compare(host, kept.element()) < 0) {
                kept.remove();
                kept.add(host);
            }
        }
        return new ArrayList<>(kept);
    }

    /// @return nothing where a leg found no place
    private static @Nullable List<List<UUID>> spread(
            PlacementRequest request, LenderSurvey survey, List<LenderCandidate> lenders) {
        PriorityQueue<Left> queue =
                new PriorityQueue<>(Math.max(1, lenders.size()), Left.MOST_FIRST);
        for (LenderCandidate host : lenders) {
            queue.add(new Left(host, host.freeRegions(), survey.room(host)));
        }
        List<List<UUID>> legs = new ArrayList<>(request.extents());
        for (int extent = 0; extent < request.extents(); extent++) {
            List<Left> taken = new ArrayList<>(request.copies());
            List<Left> passedBy = new ArrayList<>();
            while (taken.size() < request.copies()) {
                Left next = queue.poll();
                if (next == null) {
                    return null;
                }
                (next.failsWithAny(taken) ? passedBy : taken).add(next);
            }
            legs.add(taken.stream().map(left -> left.host.hostId()).toList());
            queue.addAll(passedBy);
            for (Left left : taken) {
                if (left.room > 1) {
                    queue.add(new Left(left.host, left.free - 1, left.room - 1));
                }
            }
        }
        return legs;
    }

    /// Whether what the fullest lender holds would find room on the others.
    private static boolean survives(List<LenderCandidate> hosts, List<List<UUID>> placed) {
        Map<UUID, Long> more = new HashMap<>();
        placed.forEach(extent -> extent.forEach(id -> more.merge(id, 1L, Long::sum)));
        long free = 0;
        long most = 0;
        long itsFree = 0;
        for (LenderCandidate host : hosts) {
            long taken = more.getOrDefault(host.hostId(), 0L);
            boolean counts = host.reachable() && host.lending() && host.open();
            long left = counts ? host.freeRegions() - taken : 0;
            free += left;
            long held = host.claimedRegions() + taken;
            if (held > most) {
                most = held;
                itsFree = left;
            }
        }
        return free - itsFree >= most;
    }

    /// A host, the regions that are free there, and how many more of this grant's legs it can take.
    private record Left(LenderCandidate host, long free, long room) {
        static final Comparator<Left> MOST_FIRST =
                Comparator.comparingLong(Left::free)
                        .reversed()
                        .thenComparing(left -> left.host.hostId());

        boolean failsWithAny(List<Left> others) {
            for (Left other : others) {
                if (host.domain().failsWith(other.host.domain())) {
                    return true;
                }
            }
            return false;
        }
    }
}
