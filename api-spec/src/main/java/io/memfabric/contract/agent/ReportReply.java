package io.memfabric.contract.agent;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.memfabric.contract.vocabulary.HarvestMode;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// The broker's answer to a report: limits, never per-VM targets.
///
/// @param mode what the agent may do from now on
/// @param lendLimitBytes the most that the host shall offer, in bytes
/// @param inventoryWanted whether the broker asks for a full inventory now
/// @param policies what operators want of the host's VMs, or null where the host knows it, and where
///     the ledger has too much to do to be asked: then the mode is none that takes anything, until
///     a later reply has them
/// @param term the term under which its broker serves the host, or 0 where it does not yet; an
///     agent that has seen a later one takes no limits of this reply
/// @param moveOn whether the host should report to another broker, where it knows one, because this
///     one has more than its share
/// @param describe grants that the broker does not know: inventories shall tell how their devices are
///     built; null where there are none
public record ReportReply(
        HarvestMode mode,
        long lendLimitBytes,
        boolean inventoryWanted,
        @Nullable VmPolicies policies,
        long term,
        boolean moveOn,
        @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable List<UUID> describe) {

    public ReportReply {
        Check.present("mode", mode);
        Check.notNegative("lendLimitBytes", lendLimitBytes);
        Check.notNegative("term", term);
        describe = describe == null ? null : List.copyOf(describe);
    }

    /// A reply of a broker that knows every grant of the host.
    public ReportReply(
            HarvestMode mode,
            long lendLimitBytes,
            boolean inventoryWanted,
            @Nullable VmPolicies policies,
            long term,
            boolean moveOn) {
        this(mode, lendLimitBytes, inventoryWanted, policies, term, moveOn, null);
    }
}
