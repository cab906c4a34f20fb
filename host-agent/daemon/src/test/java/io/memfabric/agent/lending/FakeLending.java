package io.memfabric.agent.lending;

import io.memfabric.contract.agent.CommandResult;
import io.memfabric.contract.agent.FenceRegions;
import io.memfabric.contract.agent.PrepareRegions;
import io.memfabric.contract.agent.RegionReport;
import io.memfabric.contract.vocabulary.FabricLimits;
import io.memfabric.contract.vocabulary.MemorySize;
import java.util.List;
import java.util.UUID;

/// Regions as mere numbers.
public final class FakeLending implements Lending {

    private static final long REGION = FabricLimits.REGION.bytes();

    private final UUID bootId = UUID.randomUUID();
    private final List<String> journal;
    private long offered;
    private long lent;

    public FakeLending(List<String> journal) {
        this.journal = journal;
    }

    public synchronized void lend(int regions) {
        lent = regions * REGION;
        offered = Math.max(offered, lent);
    }

    @Override
    public UUID bootId() {
        return bootId;
    }

    @Override
    public synchronized void resizeTo(MemorySize lendable) {
        journal.add("resize " + lendable.roundedDownTo(FabricLimits.REGION));
        offered = Math.max(lent, lendable.bytes() / REGION * REGION);
    }

    @Override
    public CommandResult prepare(PrepareRegions command) {
        journal.add("prepare");
        return CommandResult.done(command.commandId());
    }

    @Override
    public CommandResult fence(FenceRegions command) {
        journal.add("fence");
        return CommandResult.done(command.commandId());
    }

    @Override
    public List<RegionReport> regions() {
        return List.of();
    }

    @Override
    public synchronized MemorySize offered() {
        return MemorySize.ofBytes(offered);
    }

    @Override
    public synchronized MemorySize lent() {
        return MemorySize.ofBytes(lent);
    }

    @Override
    public void close() {}
}
