package io.memfabric.contract.agent;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// What a host's agent tells the broker every minute of the ways to lenders, and of the ways to it.
///
/// @param rdmaAddress where borrowers reach this host's regions over RDMA, `address:port`, or null
/// @param measured the lenders that were reached, at most 256
public record RoundTripReport(
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable String rdmaAddress,
        List<MeasuredLender> measured) {

    public RoundTripReport {
        if (rdmaAddress != null) {
            Check.hostAndPort("rdmaAddress", rdmaAddress);
        }
        measured = List.copyOf(Check.present("measured", measured));
        Check.atMost("measured", measured.size(), 256);
    }
}
