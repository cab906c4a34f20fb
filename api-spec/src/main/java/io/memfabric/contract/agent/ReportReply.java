package io.memfabric.contract.agent;

import io.memfabric.contract.vocabulary.HarvestMode;

/// The broker's answer to a report: limits, never per-VM targets.
///
/// @param mode what the agent may do from now on
/// @param lendLimitBytes the most that the host shall offer, in bytes
/// @param inventoryWanted whether the broker asks for a full inventory now
public record ReportReply(HarvestMode mode, long lendLimitBytes, boolean inventoryWanted) {

    public ReportReply {
        Check.present("mode", mode);
        Check.notNegative("lendLimitBytes", lendLimitBytes);
    }
}
