package io.memfabric.contract.agent;

import java.util.List;
import java.util.UUID;

/// The regions that a host keeps on its own disk, for grants of its own VMs alone.
///
/// @param bootId identity of their table, another one than that of the regions of memory
/// @param regions every region of that table, at most 262,144
public record SpillReport(UUID bootId, List<RegionReport> regions) {

    public SpillReport {
        Check.present("bootId", bootId);
        regions = List.copyOf(Check.present("regions", regions));
        Check.atMost("regions", regions.size(), 262_144);
    }
}
