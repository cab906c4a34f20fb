package io.memfabric.control;

import io.memfabric.agent.policy.RegionTable;
import io.memfabric.agent.policy.RegionTable.Preparation;
import io.memfabric.agent.policy.SavedTable;
import io.memfabric.contract.agent.AgentCommand;
import io.memfabric.contract.agent.CommandResult;
import io.memfabric.contract.agent.FenceRegions;
import io.memfabric.contract.agent.PrepareRegions;
import io.memfabric.contract.agent.RegionReport;
import java.util.List;
import java.util.UUID;
import java.util.stream.LongStream;

/// The regions of a lender without their memory: the agent's own table judges. It counts the claims
/// that were refused because somebody has the region.
final class RegionsInMemory {

    private RegionTable table;
    private int doubled;

    RegionsInMemory(UUID bootId, int count) {
        List<SavedTable.Region> fresh =
                LongStream.rangeClosed(1, count)
                        .mapToObj(id -> new SavedTable.Region(id, 0, null, 0, null))
                        .toList();
        table = RegionTable.of(new SavedTable(bootId, count + 1L, fresh));
    }

    synchronized List<RegionReport> all() {
        return table.report();
    }

    synchronized int count() {
        return table.size();
    }

    synchronized int claimed() {
        return table.claimed();
    }

    /// How many claims were refused because somebody had one of their regions.
    synchronized int doubled() {
        return doubled;
    }

    synchronized CommandResult judge(AgentCommand command) {
        return switch (command) {
            case PrepareRegions c -> prepare(c);
            case FenceRegions c -> {
                RegionTable.Fencing fencing = table.beginFence(c);
                table = fencing.next().endFence(fencing.cut());
                yield CommandResult.done(c.commandId());
            }
            default -> CommandResult.refused(command.commandId(), "unsupported", "simulated host");
        };
    }

    private CommandResult prepare(PrepareRegions c) {
        return switch (table.prepare(c)) {
            case Preparation.Claimed claimed -> {
                table = claimed.next();
                yield CommandResult.done(c.commandId());
            }
            case Preparation.Repeated _ -> CommandResult.done(c.commandId());
            case Preparation.Refused refused -> {
                doubled += refused.code().equals("region_claimed") ? 1 : 0;
                yield CommandResult.refused(c.commandId(), refused.code(), refused.detail());
            }
        };
    }
}
