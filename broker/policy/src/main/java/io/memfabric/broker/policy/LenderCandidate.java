package io.memfabric.broker.policy;

import io.memfabric.contract.vocabulary.LatencyClass;
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
/// @param roundTrip what the borrower measured of the way to it, or null
/// @param steadyRegions how many of the free regions its own VMs are likely to leave it for the next
///     hours; 0 where nothing is known of that
public record LenderCandidate(
        UUID hostId,
        boolean reachable,
        boolean lending,
        boolean open,
        long freeRegions,
        long claimedRegions,
        FailureDomain domain,
        @Nullable RoundTrip roundTrip,
        long steadyRegions) {

    /// Reads of a page, measured.
    ///
    /// @param p99Nanos of which one in a hundred took longer
    /// @param rdma whether RDMA carried them, as class `LOW` needs: over anything else a read waits
    ///     for the lender's processor, however idle that was when it was measured
    public record RoundTrip(long p99Nanos, boolean rdma) {}

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

    /// Why its memory is not of this class, by what was measured; null where it is.
    public @Nullable String unfitFor(LatencyClass latencyClass, PlacementRules rules) {
        if (latencyClass != LatencyClass.LOW) {
            return null;
        }
        if (roundTrip == null) {
            return "its round trips are not measured";
        }
        if (!roundTrip.rdma()) {
            return "it is not reached over RDMA, which class LOW needs";
        }
        return roundTrip.p99Nanos() > rules.lowLatencyNanos()
                ? "its round trips are above the bound of class LOW"
                : null;
    }
}
