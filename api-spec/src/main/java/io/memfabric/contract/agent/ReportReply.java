package io.memfabric.contract.agent;

import io.memfabric.contract.vocabulary.HarvestMode;
import org.jspecify.annotations.Nullable;

/// The broker's answer to a report: limits, never per-VM targets.
///
/// @param mode what the agent may do from now on
/// @param lendLimitBytes the most that the host shall offer, in bytes
/// @param inventoryWanted whether the broker asks for a full inventory now
/// @param policies what operators want of the host's VMs, or null where the host knows it
public record ReportReply(
        HarvestMode mode,
        long lendLimitBytes,
        boolean inventoryWanted,
        @Nullable VmPolicies policies) {

    public ReportReply {
        Check.present("mode", mode);
        Check.notNegative("lendLimitBytes", lendLimitBytes);
    }
}
