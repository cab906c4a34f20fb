package io.memfabric.broker.inventory;

import io.memfabric.contract.vocabulary.FabricLimits;

/// How many regions of a host the ledger knows.
///
/// @param offered all of them
/// @param claimed those that grants hold
/// @param blocked those that the lender keeps for a claim that the ledger does not know
public record RegionCounts(int offered, int claimed, int blocked) {

    /// Regions that can be claimed without exceeding what the host may lend.
    public long claimable(long lendLimitBytes) {
        long allowed = lendLimitBytes / FabricLimits.REGION.bytes() - claimed;
        return Math.max(0, Math.min(free(), allowed));
    }

    int free() {
        return offered - claimed - blocked;
    }

    long offeredBytes() {
        return offered * FabricLimits.REGION.bytes();
    }

    long lentBytes() {
        return claimed * FabricLimits.REGION.bytes();
    }

    long freeBytes() {
        return free() * FabricLimits.REGION.bytes();
    }
}
