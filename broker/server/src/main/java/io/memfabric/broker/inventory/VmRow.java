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
        boolean guestDaemon) {}
