package io.memfabric.contract.agent;

import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// Everything that a host holds for the fabric: sent at connect, on every change and every 10 s, so
/// that broker and host can never disagree for long.
///
/// @param bootId identity of the lender's region table
/// @param regions every region of that table, at most 262,144
/// @param grants every grant whose device is attached here, at most 4,096
/// @param spill the regions on its own disk, or null where it keeps none there
public record HostInventory(
        UUID bootId,
        List<RegionReport> regions,
        List<GrantReport> grants,
        @Nullable SpillReport spill) {

    /// The inventory of a host that keeps no regions on its disk.
    public HostInventory(UUID bootId, List<RegionReport> regions, List<GrantReport> grants) {
        this(bootId, regions, grants, null);
    }

    public HostInventory {
        Check.present("bootId", bootId);
        regions = List.copyOf(Check.present("regions", regions));
        grants = List.copyOf(Check.present("grants", grants));
        Check.atMost("regions", regions.size(), 262_144);
        Check.atMost("grants", grants.size(), 4096);
    }
}
