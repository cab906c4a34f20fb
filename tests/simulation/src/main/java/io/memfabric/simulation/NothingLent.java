package io.memfabric.simulation;

import io.memfabric.agent.lending.Lending;
import io.memfabric.contract.agent.CommandResult;
import io.memfabric.contract.agent.FenceRegions;
import io.memfabric.contract.agent.PrepareRegions;
import io.memfabric.contract.agent.RegionReport;
import io.memfabric.contract.vocabulary.MemorySize;
import java.util.List;
import java.util.UUID;

/// A host that lends nothing.
final class NothingLent implements Lending {

    private final UUID bootId = new UUID(0, 0);

    @Override
    public UUID bootId() {
        return bootId;
    }

    @Override
    public void resizeTo(MemorySize lendable) {}

    @Override
    public CommandResult prepare(PrepareRegions command) {
        return CommandResult.done(command.commandId());
    }

    @Override
    public CommandResult fence(FenceRegions command) {
        return CommandResult.done(command.commandId());
    }

    @Override
    public List<RegionReport> regions() {
        return List.of();
    }

    @Override
    public MemorySize offered() {
        return MemorySize.ZERO;
    }

    @Override
    public MemorySize lent() {
        return MemorySize.ZERO;
    }

    @Override
    public void close() {}
}
