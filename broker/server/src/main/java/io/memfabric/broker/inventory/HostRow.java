package io.memfabric.broker.inventory;

import io.memfabric.broker.policy.FailureDomain;
import io.memfabric.contract.vocabulary.FabricLimits;
import io.memfabric.contract.vocabulary.HarvestMode;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// A host as the ledger has it.
///
/// @param keepRegions what recalls leave it to lend, or null where none is in force
/// @param lostAt since when it counts as lost, or null
/// @param bootId the region table that the ledger believes in, or null before the first inventory
public record HostRow(
        UUID id,
        String name,
        HarvestMode mode,
        long lendLimitBytes,
        Scheduling scheduling,
        FailureDomain domain,
        @Nullable Integer keepRegions,
        String dataAddress,
        String agentVersion,
        @Nullable UUID bootId,
        RegionCounts regions,
        @Nullable Instant lastReportAt,
        @Nullable Instant lostAt,
        long revision) {

    /// What it may lend now: its limit, or less where memory is recalled from it.
    public long mayLendBytes() {
        return keepRegions == null
                ? lendLimitBytes
                : Math.min(lendLimitBytes, keepRegions * FabricLimits.REGION.bytes());
    }

    /// Whether it offers more than recalls leave it.
    public boolean mustGiveBack() {
        return keepRegions != null && regions.offered() > keepRegions;
    }
}
