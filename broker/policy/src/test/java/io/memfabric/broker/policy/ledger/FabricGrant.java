package io.memfabric.broker.policy.ledger;

import static java.util.Objects.requireNonNull;

import io.memfabric.broker.policy.GrantLife;
import io.memfabric.broker.policy.LenderState;
import io.memfabric.contract.agent.RegionClaim;
import java.util.List;
import java.util.UUID;
import java.util.function.Predicate;

/// A grant as the broker of a simulated fabric has it.
record FabricGrant(UUID id, GrantLife life, List<Leg> legs) {

    /// What a borrower has of a leg.
    enum Use {
        COMING,
        HELD,
        PAST
    }

    /// Where a leg is to be.
    record Place(int extent, int copy, TableId table) {}

    /// @param live whether its region is still claimed for it
    record Leg(
            int extent,
            int copy,
            int share,
            TableId table,
            RegionClaim claim,
            Use use,
            boolean live) {

        boolean isIn(int wantedShare) {
            return live && share == wantedShare;
        }

        boolean isPlacedAs(Leg other) {
            return extent == other.extent && copy == other.copy;
        }

        Leg used(Use as) {
            return new Leg(extent, copy, share, table, claim, as, live);
        }

        Leg ended() {
            return new Leg(extent, copy, share, table, claim, use, false);
        }
    }

    List<Leg> legs(Predicate<Leg> which) {
        return legs.stream().filter(which).toList();
    }

    LenderState stateOf(Leg leg) {
        return requireNonNull(life.shares().get(leg.share()));
    }
}
