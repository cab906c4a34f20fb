package io.memfabric.broker.policy;

import java.util.List;
import java.util.Map;
import java.util.UUID;

/// Where a grant goes, or why it goes nowhere.
public sealed interface PlacementDecision {

    PlacementSurvey survey();

    /// A place for every leg.
    ///
    /// @param legs for each extent the hosts of its legs, all different
    /// @param because one sentence for an operator
    record Placed(List<List<UUID>> legs, String because, PlacementSurvey survey)
            implements PlacementDecision {}

    /// There is no place.
    record Refused(Failure failure, PlacementSurvey survey) implements PlacementDecision {}

    /// What placement saw.
    ///
    /// @param hosts how many hosts it looked at
    /// @param usable how many of them can lend for this grant
    /// @param freeRegions how many regions these have for it
    /// @param refused for each reason how many hosts it ruled out
    /// @param examples some of the hosts that were ruled out, each with its reason
    /// @param wouldChange what would have made the answer another one
    record PlacementSurvey(
            int hosts,
            int usable,
            long freeRegions,
            Map<String, Integer> refused,
            Map<UUID, String> examples,
            List<String> wouldChange) {}
}
