package io.memfabric.broker.grant;

import io.memfabric.broker.policy.PlacementDecision;
import io.memfabric.broker.policy.PlacementDecision.PlacementSurvey;
import io.memfabric.broker.policy.PlacementRequest;
import io.memfabric.broker.policy.PlacementRules;
import io.memfabric.contract.vocabulary.LatencyClass;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// Why a grant is, or would be, where it is: what placement was asked, what it saw, what it answered.
///
/// @param placed whether there is a place
/// @param code why there is none, or null
/// @param because one sentence for an operator
/// @param lenders the hosts and how many legs each has
record PlacementView(
        Instant at,
        boolean placed,
        @Nullable String code,
        String because,
        List<LenderShare> lenders,
        Inputs inputs,
        Seen seen) {

    record LenderShare(UUID hostId, int legs) {}

    /// What placement saw: how many hosts were ruled out for each reason, and some of them.
    record Seen(
            int hosts,
            int usable,
            long freeRegions,
            List<Reason> refused,
            List<RuledOut> examples,
            List<String> wouldChange) {

        record Reason(String reason, int hosts) {}

        record RuledOut(UUID hostId, String reason) {}

        static Seen of(PlacementSurvey survey) {
            return new Seen(
                    survey.hosts(),
                    survey.usable(),
                    survey.freeRegions(),
                    survey.refused().entrySet().stream()
                            .map(entry -> new Reason(entry.getKey(), entry.getValue()))
                            .toList(),
                    survey.examples().entrySet().stream()
                            .map(entry -> new RuledOut(entry.getKey(), entry.getValue()))
                            .toList(),
                    survey.wouldChange());
        }
    }

    record Inputs(
            UUID borrowerId,
            int extents,
            int copies,
            LatencyClass latencyClass,
            PlacementRules rules) {}

    static PlacementView of(
            Instant at,
            PlacementRequest request,
            PlacementRules rules,
            PlacementDecision decision) {
        Inputs inputs =
                new Inputs(
                        request.borrowerId(),
                        request.extents(),
                        request.copies(),
                        request.latencyClass(),
                        rules);
        return switch (decision) {
            case PlacementDecision.Placed d ->
                    new PlacementView(
                            at,
                            true,
                            null,
                            d.because(),
                            lenders(d.legs()),
                            inputs,
                            Seen.of(d.survey()));
            case PlacementDecision.Refused d ->
                    new PlacementView(
                            at,
                            false,
                            d.failure().code(),
                            d.failure().detail(),
                            List.of(),
                            inputs,
                            Seen.of(d.survey()));
        };
    }

    /// The same for a caller who may not know the hosts of the fabric.
    PlacementView withoutHosts() {
        return new PlacementView(
                at,
                placed,
                code,
                because,
                List.of(),
                inputs,
                new Seen(
                        seen.hosts(),
                        seen.usable(),
                        seen.freeRegions(),
                        seen.refused(),
                        List.of(),
                        seen.wouldChange()));
    }

    private static List<LenderShare> lenders(List<List<UUID>> legs) {
        Map<UUID, Integer> counts = new TreeMap<>();
        legs.forEach(extent -> extent.forEach(host -> counts.merge(host, 1, Integer::sum)));
        return counts.entrySet().stream()
                .map(entry -> new LenderShare(entry.getKey(), entry.getValue()))
                .toList();
    }
}
