package io.memfabric.contract.agent;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// Where one copy of an extent lives.
///
/// @param lenderId the lending host
/// @param address the lender's data address, `address:port`
/// @param exportName the region as the lender serves it, see
///     [io.memfabric.contract.region.ExportName]
/// @param rdmaAddress the lender's data address for RDMA, or null where it offers none
public record LegPlan(
        UUID lenderId,
        String address,
        String exportName,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String rdmaAddress) {

    public LegPlan {
        Check.present("lenderId", lenderId);
        Check.hostAndPort("address", address);
        Check.name("exportName", exportName, 255);
        if (rdmaAddress != null) {
            Check.hostAndPort("rdmaAddress", rdmaAddress);
        }
    }

    /// A leg at a lender that offers no RDMA.
    public LegPlan(UUID lenderId, String address, String exportName) {
        this(lenderId, address, exportName, null);
    }
}
