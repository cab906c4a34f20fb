package io.memfabric.agent;

import io.memfabric.agent.borrowing.LenderWays;
import io.memfabric.agent.borrowing.RoundTripWatch;
import io.memfabric.contract.agent.LenderPlace;
import io.memfabric.contract.agent.RoundTripReport;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/// What this host tells of the ways between hosts.
///
/// @param rdmaAddress where others reach its regions over RDMA
/// @param ways over what its own legs go
record RoundTripSide(RoundTripWatch watch, Optional<String> rdmaAddress, LenderWays ways) {

    /// Measures the ways to those that it has legs at, then to those that the broker named.
    RoundTripReport report(List<LenderPlace> lenders, List<LenderPlace> named) {
        Map<UUID, LenderPlace> all = new LinkedHashMap<>();
        lenders.forEach(lender -> all.put(lender.hostId(), lender));
        named.forEach(lender -> all.put(lender.hostId(), lender));
        return new RoundTripReport(rdmaAddress.orElse(null), watch.measure(all.values()));
    }
}
