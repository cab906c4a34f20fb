package io.memfabric.broker.policy;

import io.memfabric.broker.policy.PlacementDecision.PlacementSurvey;
import io.memfabric.contract.vocabulary.LatencyClass;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// One look at all hosts: which can lend for a grant, and why the others cannot.
final class LenderSurvey {

    private static final int EXAMPLES = 20;

    final List<LenderCandidate> usable;
    private final PlacementRequest request;
    private final PlacementRules rules;
    private final long largestShare;
    // A count to each reason, which changes in place.
    private final Map<String, int[]> refused = new HashMap<>();
    private final Map<UUID, String> examples = new LinkedHashMap<>();
    private int hosts;
    private long free;
    private boolean anySteady;
    private int measured;
    private int overRdma;
    private long fastest = Long.MAX_VALUE;

    LenderSurvey(PlacementRequest request, PlacementRules rules, List<LenderCandidate> all) {
        this.request = request;
        this.rules = rules;
        usable = new ArrayList<>(all.size());
        largestShare = rules.largestShare(request);
        for (LenderCandidate host : all) {
            look(host);
        }
    }

    private void look(LenderCandidate host) {
        hosts++;
        LenderCandidate.RoundTrip roundTrip = host.roundTrip();
        if (roundTrip != null) {
            measured++;
            if (roundTrip.rdma()) {
                overRdma++;
                fastest = Math.min(fastest, roundTrip.p99Nanos());
            }
        }
        String reason = reason(host);
        if (reason == null) {
            usable.add(host);
            free += room(host);
            anySteady |= host.steadyRegions() > 0;
            return;
        }
        refused.computeIfAbsent(reason, _ -> new int[1])[0]++;
        if (examples.size() < EXAMPLES) {
            examples.put(host.hostId(), reason);
        }
    }

    private @Nullable String reason(LenderCandidate host) {
        if (host.hostId().equals(request.borrowerId())) {
            return "it is the borrower's own host";
        }
        if (!host.reachable()) {
            return "its agent is not heard";
        }
        if (!host.lending()) {
            return "its mode does not let it lend";
        }
        if (!host.open()) {
            return "it is cordoned or drained";
        }
        if (host.freeRegions() == 0) {
            return "it has no free region";
        }
        return host.unfitFor(request.latencyClass(), rules);
    }

    /// The most legs of each grant that a host can take.
    long room(LenderCandidate host) {
        return Math.min(host.freeRegions(), Math.min(largestShare, request.extents()));
    }

    /// Why there is no place.
    Failure failure() {
        if (request.latencyClass() == LatencyClass.LOW && usable.isEmpty()) {
            return new Failure(
                    "latency_class_unavailable",
                    overRdma == 0
                            ? "Of %d measured lenders none is reached over RDMA, which class LOW needs."
                                    .formatted(measured)
                            : ("%d lenders are measured over RDMA, the fastest at %d ns; class LOW"
                                            + " needs %d ns.")
                                    .formatted(overRdma, fastest, rules.lowLatencyNanos()));
        }
        return new Failure(
                "insufficient_capacity",
                ("The grant needs %d regions with %d legs each on different hosts that do not fail"
                                + " together; %d regions are free on %d of %d other hosts (%d"
                                + " unreachable).")
                        .formatted(
                                request.extents(),
                                request.copies(),
                                free,
                                usable.size(),
                                hosts - refused("it is the borrower's own host"),
                                refused("its agent is not heard")));
    }

    private int refused(String reason) {
        return refused.getOrDefault(reason, new int[1])[0];
    }

    long freeRegions() {
        return free;
    }

    /// Whether any usable lender's own VMs are likely to leave it a region.
    boolean anySteady() {
        return anySteady;
    }

    PlacementSurvey tell(boolean placed) {
        List<String> change = new ArrayList<>();
        if (!placed) {
            long missing = (long) request.extents() * request.copies() - free;
            if (missing > 0) {
                change.add(missing + " more free regions on usable hosts");
            }
            if (request.copies() > 1) {
                change.add("free regions in another rack and power feed, or copies 1");
            }
            if (rules.largestSharePercent() < 100) {
                change.add(
                        "a larger largestSharePercent than "
                                + rules.largestSharePercent()
                                + ", or more lenders");
            }
        }
        SortedMap<String, Integer> counts = new TreeMap<>();
        refused.forEach((reason, count) -> counts.put(reason, count[0]));
        counts.forEach(
                (reason, count) -> change.add(count + " more hosts would count if not: " + reason));
        return new PlacementSurvey(
                hosts,
                usable.size(),
                free,
                Collections.unmodifiableMap(counts),
                Collections.unmodifiableMap(examples),
                List.copyOf(change));
    }
}
