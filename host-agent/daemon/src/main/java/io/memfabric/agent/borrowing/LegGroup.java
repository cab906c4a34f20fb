package io.memfabric.agent.borrowing;

import io.memfabric.contract.region.RegionSetName;
import io.memfabric.contract.vocabulary.FabricLimits;
import java.util.UUID;

/// Regions of one claim at one lender that are reached over one connection.
///
/// @param address the lender's data address, `address:port`
public record LegGroup(UUID lenderId, String address, RegionSetName regions) {

    public long sizeBytes() {
        return regions.regions().size() * FabricLimits.REGION.bytes();
    }
}
