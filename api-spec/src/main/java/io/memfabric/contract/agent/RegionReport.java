package io.memfabric.contract.agent;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// One region as its lender's table has it.
///
/// @param regionId the region's number within its table, from 1
/// @param generation how often it has been claimed; only grows
/// @param state whether it can be claimed
/// @param grantId the grant that holds it, or null where it is free
/// @param epoch the grant's epoch that claimed it, 0 where it is free
public record RegionReport(
        long regionId, long generation, State state, @Nullable UUID grantId, long epoch) {

    /// The state of a region at its lender.
    public enum State {
        /// Mapped, locked, zeroed; can be claimed.
        FREE,
        /// Serves one grant.
        CLAIMED
    }

    public RegionReport {
        Check.notNegative("regionId", regionId);
        Check.notNegative("generation", generation);
        Check.present("state", state);
        Check.notNegative("epoch", epoch);
        if ((state == State.CLAIMED) != (grantId != null)) {
            throw new IllegalArgumentException("a region has a grant exactly when it is claimed");
        }
    }
}
