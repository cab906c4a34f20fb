package io.memfabric.broker.inventory;

import io.memfabric.contract.vocabulary.HarvestMode;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// A host as the ledger has it.
///
/// @param bootId the region table that the ledger believes in, or null before the first inventory
public record HostRow(
        UUID id,
        String name,
        HarvestMode mode,
        long lendLimitBytes,
        String dataAddress,
        String agentVersion,
        @Nullable UUID bootId,
        RegionCounts regions,
        @Nullable Instant lastReportAt,
        long revision) {}
