package io.memfabric.broker.policy;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// A host as placement sees it: counts, not regions, so that a million regions are ten thousand
/// candidates.
///
/// @param reachable whether its agent was heard lately
/// @param lending whether its mode lets it lend
/// @param open whether it is neither cordoned nor drained
/// @param freeRegions regions that can be claimed there now, zero or more
/// @param claimedRegions regions that grants hold there
/// @param steadyRegions how many of the free regions its own VMs are likely to leave it for the next
///     hours; 0 where nothing is known of that
/// @param roundTripNanos the measured p99 of a page from the borrower to it, or null
public record LenderCandidate(
        UUID hostId,
        boolean reachable,
        boolean lending,
        boolean open,
        long freeRegions,
        long claimedRegions,
        FailureDomain domain,
        @Nullable Long roundTripNanos,
        long steadyRegions) {

    public LenderCandidate {
        if (freeRegions < 0 || claimedRegions < 0) {
            throw new IllegalArgumentException(
                    "regions are negative: " + freeRegions + ", " + claimedRegions);
        }
        if (steadyRegions < 0 || steadyRegions > freeRegions) {
            throw new IllegalArgumentException(
                    "of %d free regions %d cannot be steady".formatted(freeRegions, steadyRegions));
        }
    }

    /// A host of which nothing else is known.
    public LenderCandidate(UUID hostId, boolean reachable, boolean lending, long freeRegions) {
        this(hostId, reachable, lending, true, freeRegions, 0, FailureDomain.UNKNOWN, null, 0);
    }
}
