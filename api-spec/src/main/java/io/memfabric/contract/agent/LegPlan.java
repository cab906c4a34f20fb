package io.memfabric.contract.agent;

import java.util.UUID;

/// Where one copy of an extent lives.
///
/// @param lenderId the lending host
/// @param address the lender's data address, `address:port`
/// @param exportName the region as the lender serves it, see
///     [io.memfabric.contract.region.ExportName]
public record LegPlan(UUID lenderId, String address, String exportName) {

    public LegPlan {
        Check.present("lenderId", lenderId);
        Check.hostAndPort("address", address);
        Check.name("exportName", exportName, 255);
    }
}
