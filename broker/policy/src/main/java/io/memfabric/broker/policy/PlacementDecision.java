package io.memfabric.broker.policy;

import java.util.List;
import java.util.UUID;

/// Where a grant goes, or why it goes nowhere.
public sealed interface PlacementDecision {

    /// A place for every leg.
    ///
    /// @param legs for each extent the hosts of its legs, all different
    /// @param because one sentence for an operator
    record Placed(List<List<UUID>> legs, String because) implements PlacementDecision {}

    /// There is no place.
    record Refused(Failure failure) implements PlacementDecision {}
}
