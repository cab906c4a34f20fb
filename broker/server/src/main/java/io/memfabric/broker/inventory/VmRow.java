package io.memfabric.broker.inventory;

import io.memfabric.contract.agent.VmReport;
import java.util.UUID;

/// A VM as the ledger has it.
public record VmRow(
        UUID id,
        UUID hostId,
        String name,
        VmReport.State state,
        long maxBytes,
        boolean guestDaemon) {

    static VmRow of(UUID hostId, VmReport report) {
        return new VmRow(
                report.vmId(),
                hostId,
                report.name(),
                report.state(),
                report.maxBytes(),
                report.guestDaemon());
    }

    boolean says(UUID reporter, VmReport report) {
        return hostId.equals(reporter)
                && name.equals(report.name())
                && state == report.state()
                && maxBytes == report.maxBytes()
                && guestDaemon == report.guestDaemon();
    }
}
