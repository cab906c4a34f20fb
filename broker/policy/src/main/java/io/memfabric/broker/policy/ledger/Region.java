package io.memfabric.broker.policy.ledger;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// A region of the ledger.
///
/// @param generation the last one in which it was claimed, here or at its lender
/// @param grantId who has it, or null where it is not claimed
/// @param disputed whether its lender has gone further with it than the ledger, which lost commits
/// @param heldFor the grant for which its lender keeps it while it is blocked
public record Region(
        long regionId,
        long generation,
        State state,
        @Nullable UUID grantId,
        boolean disputed,
        @Nullable UUID heldFor) {

    /// What the ledger says of a region.
    public enum State {
        /// It can be claimed.
        FREE,
        /// One grant has it.
        CLAIMED,
        /// Its lender keeps it for a claim that the ledger does not have.
        BLOCKED
    }

    public Region {
        if ((state == State.CLAIMED) != (grantId != null)
                || (disputed && state != State.CLAIMED)
                || (heldFor != null && state != State.BLOCKED)) {
            throw new IllegalArgumentException("a %s region cannot be so".formatted(state));
        }
    }

    static Region unclaimed(long regionId, long generation, State state, @Nullable UUID heldFor) {
        return new Region(regionId, generation, state, null, false, heldFor);
    }

    Region claimedBy(UUID grant, long inGeneration) {
        return new Region(regionId, inGeneration, State.CLAIMED, grant, false, null);
    }

    Region raisedTo(long least) {
        return new Region(regionId, Math.max(generation, least), state, grantId, disputed, heldFor);
    }

    Region disputed(boolean now) {
        return new Region(regionId, generation, state, grantId, now, heldFor);
    }

    /// Whether this may come after another state of the same region: generations only grow, and
    /// nobody gets it but from the free ones, or where its lender has kept it for that very claim.
    boolean mayFollow(Region before) {
        boolean changesHands = grantId != null && !grantId.equals(before.grantId);
        boolean taken = before.state == State.FREE && generation > before.generation;
        boolean kept =
                grantId != null
                        && grantId.equals(before.heldFor)
                        && generation == before.generation;
        return generation >= before.generation && (!changesHands || taken || kept);
    }
}
