package io.memfabric.broker.testbed;

import io.memfabric.contract.agent.CommandResult;
import io.memfabric.contract.agent.FenceRegions;
import io.memfabric.contract.agent.PrepareRegions;
import io.memfabric.contract.agent.RegionClaim;
import io.memfabric.contract.agent.RegionReport;
import java.util.Map;
import java.util.UUID;

/// How a lender judges what it is asked to do with its regions.
final class RegionRule {

    private RegionRule() {}

    static CommandResult prepare(PrepareRegions c, UUID bootId, Map<Long, RegionReport> regions) {
        for (RegionClaim claim : c.regions()) {
            RegionReport region = regions.get(claim.regionId());
            if (!claim.bootId().equals(bootId)
                    || region == null
                    || region.state() != RegionReport.State.FREE
                    || claim.generation() <= region.generation()) {
                return CommandResult.refused(c.commandId(), "stale_generation", "not as believed");
            }
        }
        for (RegionClaim claim : c.regions()) {
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

    static CommandResult fence(FenceRegions c, UUID bootId, Map<Long, RegionReport> regions) {
        for (RegionClaim claim : c.regions()) {
            RegionReport region = regions.get(claim.regionId());
            if (claim.bootId().equals(bootId)
                    && region != null
                    && c.grantId().equals(region.grantId())) {
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
