package io.memfabric.contract.agent;

import io.memfabric.contract.vocabulary.HarvestMode;
import org.jspecify.annotations.Nullable;

/// The broker's answer to a report: limits, never per-VM targets.
///
/// @param mode what the agent may do from now on
/// @param lendLimitBytes the most that the host shall offer, in bytes
/// @param inventoryWanted whether the broker asks for a full inventory now
/// @param policies what operators want of the host's VMs, or null where the host knows it
/// @param term the term under which its broker serves the host, or 0 where it does not yet; an
///     agent that has seen a later one takes no limits of this reply
/// @param moveOn whether the host should report to another broker, where it knows one, because this
///     one has more than its share
public record ReportReply(
        HarvestMode mode,
        long lendLimitBytes,
        boolean inventoryWanted,
        @Nullable VmPolicies policies,
        long term,
        boolean moveOn) {

    public ReportReply {
        Check.present("mode", mode);
        Check.notNegative("lendLimitBytes", lendLimitBytes);
        Check.notNegative("term", term);
    }
}
