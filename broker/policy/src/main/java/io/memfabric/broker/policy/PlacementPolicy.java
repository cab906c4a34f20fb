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
/// across lenders; hosts whose own VMs will soon want that memory back come last. Where this finds
/// no place, the most free regions alone decide. Where no two hosts fail together, that finds a
/// placement whenever one exists: legs of an extent on different hosts are a bipartite degree
/// sequence, for which taking the largest first is complete (Gale and Ryser, 1957). Among hosts that
/// share racks or power feeds it is a heuristic: it may refuse a nearly full fabric in which there is
/// a placement.
///
/// Only as many hosts are sorted as the grant can have legs, first those with the most free regions;
/// all are looked at again only where these do not suffice.
public final class PlacementPolicy {

    private static final Comparator<Left> EMPTIEST =
            Comparator.comparingLong(Left::free)
                    .reversed()
                    .thenComparing(left -> left.host.hostId());

    private static final Comparator<Left> STEADY =
            Comparator.comparing(Left::wantedBackSoon).thenComparing(EMPTIEST);

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
        List<List<UUID>> placed = spread(request, survey, STEADY);
        if (placed == null) {
            placed = spread(request, survey, EMPTIEST);
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
                "%d x %d regions on %d of %d usable lenders, the emptiest first%s"
                        .formatted(
                                request.extents(),
                                request.copies(),
                                chosen.size(),
                                survey.usable.size(),
                                outlook(survey, placed)),
                survey.tell(true));
    }

    /// What the lenders' forecasts had to do with it; nothing where no usable lender has one.
    private static String outlook(LenderSurvey survey, List<List<UUID>> placed) {
        Map<UUID, Long> steady = new HashMap<>();
        survey.usable.forEach(host -> steady.put(host.hostId(), host.steadyRegions()));
        if (steady.values().stream().allMatch(regions -> regions == 0)) {
            return "";
        }
        long wantedBack =
                placed.stream()
                        .flatMap(List::stream)
                        .filter(host -> steady.merge(host, -1L, Long::sum) < 0)
                        .count();
        return " among those whose own VMs will not soon want the memory back"
                + (wantedBack == 0 ? "" : "; %d legs found no place there".formatted(wantedBack));
    }

    private static @Nullable List<List<UUID>> spread(
            PlacementRequest request, LenderSurvey survey, Comparator<Left> order) {
        int most = (int) Math.min(2L * request.extents() * request.copies(), survey.usable.size());
        List<List<UUID>> placed = spread(request, first(survey, most, order), order);
        return placed == null && most < survey.usable.size()
                ? spread(request, first(survey, survey.usable.size(), order), order)
                : placed;
    }

    private static List<Left> first(LenderSurvey survey, int count, Comparator<Left> order) {
        PriorityQueue<Left> kept = new PriorityQueue<>(count + 1, order.reversed());
        for (LenderCandidate host : survey.usable) {
            Left left = new Left(host, host.freeRegions(), survey.room(host), host.steadyRegions());
            if (kept.size() < count) {
                kept.add(left);
            } else if (order.compare(left, kept.element()) < 0) {
                kept.remove();
                kept.add(left);
            }
        }
        return new ArrayList<>(kept);
    }

    /// @return nothing where a leg found no place
    private static @Nullable List<List<UUID>> spread(
            PlacementRequest request, List<Left> lenders, Comparator<Left> order) {
        PriorityQueue<Left> queue = new PriorityQueue<>(Math.max(1, lenders.size()), order);
        queue.addAll(lenders);
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
                    queue.add(left.withOneLess());
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

    /// A host, the regions that are free there, how many more of this grant's legs it can take, and
    /// how many of them it will not soon want back.
    private record Left(LenderCandidate host, long free, long room, long steady) {

        boolean wantedBackSoon() {
            return steady == 0;
        }

        Left withOneLess() {
            return new Left(host, free - 1, room - 1, Math.max(0, steady - 1));
        }

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
