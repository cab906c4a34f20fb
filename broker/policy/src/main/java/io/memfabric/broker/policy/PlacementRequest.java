package io.memfabric.broker.policy;

import io.memfabric.contract.vocabulary.LatencyClass;
import java.util.UUID;

/// What a grant needs.
///
/// @param borrowerId the host of the VM, which never lends to itself
/// @param extents how many regions long the device is
/// @param copies how many legs each extent has, each on another host
public record PlacementRequest(
        UUID borrowerId, int extents, int copies, LatencyClass latencyClass) {

    public PlacementRequest {
        if (extents < 1 || copies < 1) {
            throw new IllegalArgumentException("a grant has at least one extent and one copy");
        }
    }
}
