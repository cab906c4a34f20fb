package io.memfabric.contract.agent;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// Where a lender is reached.
///
/// @param dataAddress `address:port`
/// @param rdmaAddress the same for RDMA, or null where it offers none
public record LenderPlace(
        UUID hostId,
        String dataAddress,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String rdmaAddress) {

    public LenderPlace {
        Check.present("hostId", hostId);
        Check.hostAndPort("dataAddress", dataAddress);
        if (rdmaAddress != null) {
            Check.hostAndPort("rdmaAddress", rdmaAddress);
        }
    }
}
