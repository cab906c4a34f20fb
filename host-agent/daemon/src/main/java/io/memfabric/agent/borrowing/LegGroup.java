package io.memfabric.agent.borrowing;

import io.memfabric.contract.region.RegionSetName;
import io.memfabric.contract.vocabulary.FabricLimits;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// Regions of one claim at one lender that are reached over one connection.
///
/// @param address the lender's data address, `address:port`
/// @param rdmaAddress the same for RDMA, or null where it offers none
public record LegGroup(
        UUID lenderId, String address, @Nullable String rdmaAddress, RegionSetName regions) {

    /// A group at a lender that offers no RDMA.
    public LegGroup(UUID lenderId, String address, RegionSetName regions) {
        this(lenderId, address, null, regions);
    }

    public long sizeBytes() {
        return regions.regions().size() * FabricLimits.REGION.bytes();
    }
}
