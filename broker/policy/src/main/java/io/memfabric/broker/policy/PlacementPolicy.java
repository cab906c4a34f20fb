package io.memfabric.broker.policy;

import io.memfabric.broker.policy.PlacementDecision.Placed;
import io.memfabric.broker.policy.PlacementDecision.Refused;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;
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
/// Only as many hosts are ordered as the grant can have legs, first those with the most free regions;
/// all are looked at again only where these do not suffice. A grant's wait grows with the hosts of
/// the fabric, so what is done for each host is to compare its rank with the worst that is kept.
public final class PlacementPolicy {

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
        Spread placed = spread(request, survey, true);
        if (placed == null) {
            placed = spread(request, survey, false);
        }
        if (placed == null) {
            return new Refused(survey.failure(), survey.tell(false));
        }
        if (rules.surviveLargestLender() && !survives(hosts, placed.legs)) {
            return new Refused(
                    new Failure(
                            "not_survivable",
                            "After this grant the loss of the lender that holds most could not be made"
                                    + " good from what is free elsewhere."),
                    survey.tell(false));
        }
        Set<UUID> chosen = new HashSet<>();
        placed.legs.forEach(chosen::addAll);
        return new Placed(
                List.copyOf(placed.legs),
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
    private static String outlook(LenderSurvey survey, Spread placed) {
        if (!survey.anySteady()) {
            return "";
        }
        return " among those whose own VMs will not soon want the memory back"
                + (placed.wantedBack == 0
                        ? ""
                        : "; %d legs found no place there".formatted(placed.wantedBack));
    }

    private static @Nullable Spread spread(
            PlacementRequest request, LenderSurvey survey, boolean steadyFirst) {
        int most = (int) Math.min(2L * request.extents() * request.copies(), survey.usable.size());
        Spread placed = spread(request, first(survey, most, steadyFirst));
        return placed == null && most < survey.usable.size()
                ? spread(request, first(survey, survey.usable.size(), steadyFirst))
                : placed;
    }

    private static Collection<Left> first(LenderSurvey survey, int count, boolean steadyFirst) {
        PriorityQueue<Left> kept = new PriorityQueue<>(count + 1, Left.BEST_FIRST.reversed());
        for (LenderCandidate host : survey.usable) {
            if (kept.size() == count) {
                if (!Left.precedes(host, steadyFirst, kept.element())) {
                    continue;
                }
                kept.remove();
            }
            kept.add(new Left(host, survey.room(host), steadyFirst));
        }
        return kept;
    }

    /// @return nothing where a leg found no place
    private static @Nullable Spread spread(PlacementRequest request, Collection<Left> lenders) {
        PriorityQueue<Left> queue =
                new PriorityQueue<>(Math.max(1, lenders.size()), Left.BEST_FIRST);
        queue.addAll(lenders);
        List<List<UUID>> legs = new ArrayList<>(request.extents());
        int wantedBack = 0;
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
                if (left.steady == 0) {
                    wantedBack++;
                }
                if (left.room > 1) {
                    queue.add(left.withOneLess());
                }
            }
        }
        return new Spread(legs, wantedBack);
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

    /// A place for every leg.
    ///
    /// @param wantedBack how many legs lie where a host's own VMs will soon want the memory
    private record Spread(List<List<UUID>> legs, int wantedBack) {}

    /// A host as far as this grant has filled it: the regions that are free there, how many more of
    /// the grant's legs it can take, and how many of them it will not soon want back.
    ///
    /// @param steadyFirst whether a host that will soon want all of it back comes after all others
    private record Left(
            LenderCandidate host, long free, long room, long steady, boolean steadyFirst) {

        static final Comparator<Left> BEST_FIRST =
                (one, other) -> compare(one.rank(), one.host, other.rank(), other.host);

        /// Above every count of regions.
        private static final long STEADY = 1L << 62;

        Left(LenderCandidate host, long room, boolean steadyFirst) {
            this(host, host.freeRegions(), room, host.steadyRegions(), steadyFirst);
        }

        /// Whether a host that this grant has nothing of comes before another.
        static boolean precedes(LenderCandidate host, boolean steadyFirst, Left other) {
            long rank = rank(steadyFirst, host.freeRegions(), host.steadyRegions());
            return compare(rank, host, other.rank(), other.host) < 0;
        }

        private static int compare(
                long rank, LenderCandidate host, long otherRank, LenderCandidate other) {
            return rank == otherRank
                    ? host.hostId().compareTo(other.hostId())
                    : Long.compare(otherRank, rank);
        }

        private long rank() {
            return rank(steadyFirst, free, steady);
        }

        private static long rank(boolean steadyFirst, long free, long steady) {
            return steadyFirst && steady > 0 ? STEADY + free : free;
        }

        Left withOneLess() {
            return new Left(host, free - 1, room - 1, Math.max(0, steady - 1), steadyFirst);
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
