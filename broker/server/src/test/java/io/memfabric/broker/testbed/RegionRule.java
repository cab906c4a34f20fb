package io.memfabric.broker.testbed;

import io.memfabric.agent.policy.RegionTable;
import io.memfabric.agent.policy.RegionTable.Preparation;
import io.memfabric.agent.policy.SavedTable;
import io.memfabric.contract.agent.CommandResult;
import io.memfabric.contract.agent.FenceRegions;
import io.memfabric.contract.agent.PrepareRegions;
import io.memfabric.contract.agent.RegionReport;
import java.util.Map;
import java.util.UUID;

/// How a lender judges what it is asked to do with its regions: by the agent's own table, made anew
/// of what the lender says that it has, which in a test may be anything.
final class RegionRule {

    private RegionRule() {}

    static CommandResult prepare(PrepareRegions c, UUID bootId, Map<Long, RegionReport> regions) {
        return switch (table(bootId, c.capability(), regions).prepare(c)) {
            case Preparation.Claimed claimed -> {
                take(claimed.next(), regions);
                yield CommandResult.done(c.commandId());
            }
            case Preparation.Repeated _ -> CommandResult.done(c.commandId());
            case Preparation.Refused refused ->
                    CommandResult.refused(c.commandId(), refused.code(), refused.detail());
        };
    }

    static CommandResult fence(FenceRegions c, UUID bootId, Map<Long, RegionReport> regions) {
        RegionTable.Fencing fencing = table(bootId, "0".repeat(32), regions).beginFence(c);
        take(fencing.next().endFence(fencing.cut()), regions);
        return CommandResult.done(c.commandId());
    }

    private static RegionTable table(
            UUID bootId, String capability, Map<Long, RegionReport> regions) {
        return RegionTable.of(
                new SavedTable(
                        bootId,
                        1L + regions.size(),
                        regions.values().stream()
                                .map(
                                        region ->
                                                new SavedTable.Region(
                                                        region.regionId(),
                                                        region.generation(),
                                                        region.grantId(),
                                                        region.epoch(),
                                                        region.grantId() == null
                                                                ? null
                                                                : capability))
                                .toList()));
    }

    private static void take(RegionTable table, Map<Long, RegionReport> regions) {
        table.report().forEach(region -> regions.put(region.regionId(), region));
    }
}
