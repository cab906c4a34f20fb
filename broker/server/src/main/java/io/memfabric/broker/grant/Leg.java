package io.memfabric.broker.grant;

import io.memfabric.contract.agent.RegionClaim;
import java.util.UUID;

/// One leg of a grant as the ledger has it.
///
/// @param share the number of its lender's share in the grant
/// @param state what the lender has of it: `LIVE`, `ENDED` or `LOST`
/// @param use what the borrower has of it
record Leg(
        int extentIndex,
        int legIndex,
        int share,
        UUID hostId,
        UUID bootId,
        long regionId,
        long generation,
        String state,
        LegUse use) {

    boolean isLive() {
        return state.equals("LIVE");
    }

    RegionClaim claim() {
        return new RegionClaim(bootId, regionId, generation);
    }
}
