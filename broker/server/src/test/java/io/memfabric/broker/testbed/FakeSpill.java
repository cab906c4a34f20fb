package io.memfabric.broker.testbed;

import io.memfabric.contract.agent.CommandResult;
import io.memfabric.contract.agent.FenceRegions;
import io.memfabric.contract.agent.PrepareRegions;
import io.memfabric.contract.agent.RegionClaim;
import io.memfabric.contract.agent.RegionReport;
import io.memfabric.contract.agent.SpillReport;
import java.util.List;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// The regions on a fake agent's disk; it has none until it is told to.
public final class FakeSpill {

    private UUID bootId = UUID.randomUUID();
    private final TreeMap<Long, RegionReport> regions = new TreeMap<>();

    /// Has so many regions from now on.
    public void make(int count) {
        for (long id = 1; id <= count; id++) {
            regions.put(id, free(id));
        }
    }

    /// Loses what is in them.
    public void lose() {
        bootId = UUID.randomUUID();
        regions.replaceAll((id, _) -> free(id));
    }

    private static RegionReport free(long id) {
        return new RegionReport(id, 0, RegionReport.State.FREE, null, 0);
    }

    /// How many are claimed.
    public long claimed() {
        return regions.values().stream()
                .filter(region -> region.state() == RegionReport.State.CLAIMED)
                .count();
    }

    public UUID bootId() {
        return bootId;
    }

    CommandResult prepare(PrepareRegions command) {
        return RegionRule.prepare(command, bootId, regions);
    }

    CommandResult fence(FenceRegions command) {
        return RegionRule.fence(command, bootId, regions);
    }

    boolean has(List<RegionClaim> claims) {
        return claims.getFirst().bootId().equals(bootId);
    }

    @Nullable SpillReport report() {
        return regions.isEmpty() ? null : new SpillReport(bootId, List.copyOf(regions.values()));
    }
}
