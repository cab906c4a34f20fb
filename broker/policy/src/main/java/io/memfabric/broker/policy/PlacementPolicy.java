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
/// A large grant is not cut into as many pieces as there are lenders: one that has its turn gets
/// several legs. Where that leaves a leg without a place, each gets one at a time.
///
/// Only as many hosts are ordered as the grant can have legs, first those with the most free regions;
/// all are looked at again only where these do not suffice. A grant's wait grows with the hosts of
/// the fabric, so what is done for each host is to compare its rank with the worst that is kept.
public final class PlacementPolicy {

    /// On how many lenders a copy of a grant lies, where they have the room: each has a connection of
    /// the borrower, and the loss of any of them is felt.
    private static final int LENDERS_OF_A_COPY = 8;

    private PlacementPolicy() {}

    /// Which host comes first.
    ///
    /// @param steadyFirst whether one that will soon want all of it back comes after all others
    /// @param turn how many legs one gets before another has its turn
    private record Order(boolean steadyFirst, int turn) {}

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
        int turn = Math.ceilDiv(request.extents(), LENDERS_OF_A_COPY);
        Spread placed = turn == 1 ? null : spread(request, survey, new Order(true, turn));
        if (placed == null) {
            placed = spread(request, survey, new Order(true, 1));
        }
        if (placed == null) {
            placed = spread(request, survey, new Order(false, 1));
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
                "%d x %d regions on %d of %d usable lenders, the emptiest first%s%s"
                        .formatted(
                                request.extents(),
                                request.copies(),
                                chosen.size(),
                                survey.usable.size(),
                                placed.turn == 1 ? "" : ", %d at a time".formatted(placed.turn),
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
            PlacementRequest request, LenderSurvey survey, Order order) {
        int most = (int) Math.min(2L * request.extents() * request.copies(), survey.usable.size());
        Spread placed = spread(request, first(survey, most, order), order);
        return placed == null && most < survey.usable.size()
                ? spread(request, first(survey, survey.usable.size(), order), order)
                : placed;
    }

    private static Collection<Left> first(LenderSurvey survey, int count, Order order) {
        PriorityQueue<Left> kept = new PriorityQueue<>(count + 1, Left.BEST_FIRST.reversed());
        for (LenderCandidate host : survey.usable) {
            if (kept.size() == count) {
                if (!Left.precedes(host, order, kept.element())) {
                    continue;
                }
                kept.remove();
            }
            kept.add(new Left(host, survey.room(host), order));
        }
        return kept;
    }

    /// @return nothing where a leg found no place
    private static @Nullable Spread spread(
            PlacementRequest request, Collection<Left> lenders, Order order) {
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
        return new Spread(legs, order.turn, wantedBack);
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
    /// @param turn how many legs a host got before another had its turn
    /// @param wantedBack how many legs lie where a host's own VMs will soon want the memory
    private record Spread(List<List<UUID>> legs, int turn, int wantedBack) {}

    /// A host as far as this grant has filled it: the regions that are free there, how many more of
    /// the grant's legs it can take, how many of them it will not soon want back, and how many more it
    /// gets in its turn.
    private record Left(
            LenderCandidate host, long free, long room, long steady, int turn, Order order) {

        static final Comparator<Left> BEST_FIRST =
                (one, other) -> compare(one.rank(), one.host, other.rank(), other.host);

        /// Above every count of regions, and above every host whose turn it is.
        private static final long STEADY = 1L << 62;

        /// Above every count of regions.
        private static final long ITS_TURN = 1L << 61;

        Left(LenderCandidate host, long room, Order order) {
            this(host, host.freeRegions(), room, host.steadyRegions(), 0, order);
        }

        /// Whether a host that this grant has nothing of comes before another.
        static boolean precedes(LenderCandidate host, Order order, Left other) {
            long rank = rank(order, host.freeRegions(), host.steadyRegions(), 0);
            return compare(rank, host, other.rank(), other.host) < 0;
        }

        private static int compare(
                long rank, LenderCandidate host, long otherRank, LenderCandidate other) {
            return rank == otherRank
                    ? host.hostId().compareTo(other.hostId())
                    : Long.compare(otherRank, rank);
        }

        private long rank() {
            return rank(order, free, steady, turn);
        }

        private static long rank(Order order, long free, long steady, int turn) {
            return (order.steadyFirst && steady > 0 ? STEADY : 0)
                    + (turn > 0 ? ITS_TURN : 0)
                    + free;
        }

        Left withOneLess() {
            return new Left(
                    host,
                    free - 1,
                    room - 1,
                    Math.max(0, steady - 1),
                    (turn == 0 ? order.turn : turn) - 1,
                    order);
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
