package io.memfabric.control;

import io.memfabric.contract.agent.AgentCommand;
import io.memfabric.contract.agent.CommandResult;
import io.memfabric.contract.agent.FenceRegions;
import io.memfabric.contract.agent.PrepareRegions;
import io.memfabric.contract.agent.RegionClaim;
import io.memfabric.contract.agent.RegionReport;
import java.util.List;
import java.util.TreeMap;
import java.util.UUID;

/// The region table of a lender, which is the judge of what is claimed: it counts the claims that it
/// had to refuse because another grant has the region.
final class RegionsInMemory {

    private final UUID bootId;
    private final TreeMap<Long, RegionReport> regions = new TreeMap<>();
    private int doubled;
    private int claimed;

    RegionsInMemory(UUID bootId, int count) {
        this.bootId = bootId;
        for (long id = 1; id <= count; id++) {
            regions.put(id, new RegionReport(id, 0, RegionReport.State.FREE, null, 0));
        }
    }

    synchronized List<RegionReport> all() {
        return List.copyOf(regions.values());
    }

    synchronized int count() {
        return regions.size();
    }

    synchronized int claimed() {
        return claimed;
    }

    /// How many regions were claimed while another grant had them.
    synchronized int doubled() {
        return doubled;
    }

    synchronized CommandResult judge(AgentCommand command) {
        return switch (command) {
            case PrepareRegions c -> prepare(c);
            case FenceRegions c -> fence(c);
            default -> CommandResult.refused(command.commandId(), "unsupported", "simulated host");
        };
    }

    private CommandResult prepare(PrepareRegions c) {
        for (RegionClaim claim : c.regions()) {
            RegionReport region = regions.get(claim.regionId());
            if (region == null) {
                return stale(c);
            }
            boolean taken = region.state() == RegionReport.State.CLAIMED;
            if (taken && !c.grantId().equals(region.grantId())) {
                doubled++;
            }
            if (!claim.bootId().equals(bootId)
                    || taken
                    || claim.generation() <= region.generation()) {
                return stale(c);
            }
        }
        for (RegionClaim claim : c.regions()) {
            claimed++;
            regions.put(
                    claim.regionId(),
                    new RegionReport(
                            claim.regionId(),
                            claim.generation(),
                            RegionReport.State.CLAIMED,
                            c.grantId(),
                            c.epoch()));
        }
        return CommandResult.done(c.commandId());
    }

    private static CommandResult stale(PrepareRegions c) {
        return CommandResult.refused(c.commandId(), "stale_generation", "not as believed");
    }

    private CommandResult fence(FenceRegions c) {
        for (RegionClaim claim : c.regions()) {
            RegionReport region = regions.get(claim.regionId());
            if (claim.bootId().equals(bootId)
                    && region != null
                    && c.grantId().equals(region.grantId())) {
                claimed--;
                regions.put(
                        claim.regionId(),
                        new RegionReport(
                                claim.regionId(),
                                region.generation(),
                                RegionReport.State.FREE,
                                null,
                                0));
            }
        }
        return CommandResult.done(c.commandId());
    }
}
