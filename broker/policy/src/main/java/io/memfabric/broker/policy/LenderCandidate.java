package io.memfabric.broker.policy;

import java.util.UUID;

/// A host as placement sees it.
///
/// @param reachable whether its agent was heard lately
/// @param lending whether its mode lets it lend
/// @param freeRegions regions that can be claimed there now, zero or more
public record LenderCandidate(UUID hostId, boolean reachable, boolean lending, long freeRegions) {

    public LenderCandidate {
        if (freeRegions < 0) {
            throw new IllegalArgumentException("freeRegions is negative: " + freeRegions);
        }
    }
}
