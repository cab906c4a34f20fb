package io.memfabric.agent.lending;

import io.memfabric.agent.policy.RegionTable;
import io.memfabric.contract.agent.CommandResult;
import io.memfabric.contract.agent.FenceRegions;
import io.memfabric.contract.agent.PrepareRegions;
import io.memfabric.contract.agent.RegionClaim;
import io.memfabric.contract.region.ExportName;
import io.memfabric.contract.region.RegionSetName;
import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// The regions of one table: the [RegionTable] decides, this carries it out on memory and
/// connections.
///
/// One lock guards the table, the memory and the connections together, so whoever is let in is
/// known to the fence that comes next. Memory is mapped, zeroed and unmapped outside that lock, in
/// regions that the table shows to nobody at that time.
final class Regions implements RegionGate, AutoCloseable {

    private static final System.Logger LOG = System.getLogger(Regions.class.getName());
    private static final int MAX_CONNECTIONS_PER_REGION = 16;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final ReentrantLock resizing = new ReentrantLock();
    private final RegionStore store;
    private final Map<Long, RegionMemory> memory = new HashMap<>();
    private final Map<Long, Set<RegionConnection>> connections = new HashMap<>();
    private RegionTable table;

    /// @param found the table to go on with; each region of it is made
    Regions(RegionStore store, RegionTable found) {
        this.store = store;
        this.table = found;
        found.report().forEach(r -> memory.put(r.regionId(), store.make(r.regionId())));
    }

    RegionTable table() {
        lock.lock();
        try {
            return table;
        } finally {
            lock.unlock();
        }
    }

    /// Makes or dissolves free regions until there are so many, or as nearly so as claims allow.
    ///
    /// @throws LendingException where no more can be made; those that were made until then stay
    void resizeTo(long wanted) {
        resizing.lock();
        try {
            dissolve(wanted);
            while (table().size() < wanted) {
                RegionMemory fresh = store.make(table().nextId());
                lock.lock();
                try {
                    memory.put(table.nextId(), fresh);
                    table = table.withNewRegion();
                } finally {
                    lock.unlock();
                }
            }
            store.keep(table());
        } finally {
            resizing.unlock();
        }
    }

    private void dissolve(long wanted) {
        List<Long> surplus;
        List<RegionMemory> gone;
        lock.lock();
        try {
            surplus = table.surplus(wanted);
            table = table.without(surplus);
            gone = surplus.stream().map(memory::remove).toList();
        } finally {
            lock.unlock();
        }
        gone.forEach(RegionMemory::close);
        surplus.forEach(store::remove);
    }

    CommandResult prepare(PrepareRegions command) {
        lock.lock();
        try {
            return switch (table.prepare(command)) {
                case RegionTable.Preparation.Claimed claimed -> claim(command, claimed.next());
                case RegionTable.Preparation.Repeated repeated ->
                        CommandResult.done(command.commandId());
                case RegionTable.Preparation.Refused refused ->
                        CommandResult.refused(
                                command.commandId(), refused.code(), refused.detail());
            };
        } finally {
            lock.unlock();
        }
    }

    /// A claim that is answered can be written to the last byte, and is remembered.
    private CommandResult claim(PrepareRegions command, RegionTable next) {
        List<RegionMemory> wanted =
                command.regions().stream().map(RegionClaim::regionId).map(this::memoryOf).toList();
        try {
            wanted.forEach(RegionMemory::back);
            store.keep(next);
        } catch (LendingException e) {
            wanted.forEach(RegionMemory::zero);
            return CommandResult.refused(
                    command.commandId(), e.code(), String.valueOf(e.getMessage()));
        }
        table = next;
        return CommandResult.done(command.commandId());
    }

    CommandResult fence(FenceRegions command) {
        boolean withdraw = command.withdraw() && store.canShrink();
        lock.lock();
        try {
            RegionTable.Fencing fencing = table.beginFence(command);
            table = fencing.next();
            endConnections(fencing.cut());
            lock.unlock();
            try {
                if (!withdraw) {
                    fencing.cut().forEach(region -> memoryOf(region).zero());
                }
            } finally {
                lock.lock();
            }
            table = table.endFence(fencing.cut());
            if (withdraw) {
                giveBack(fencing.cut());
            }
            keepFenced();
            changed.signalAll();
            for (Long region : fencing.underway()) {
                while (table.isFencing(region)) {
                    changed.awaitUninterruptibly();
                }
            }
            return CommandResult.done(command.commandId());
        } finally {
            lock.unlock();
        }
    }

    /// What is fenced stays so in this process. After a restart that does not know of it, the
    /// regions are held for a grant that does not want them any more, and are fenced again.
    private void keepFenced() {
        try {
            store.keep(table);
        } catch (LendingException e) {
            LOG.log(Level.WARNING, "a fence is not remembered: {0}", e.getMessage());
        }
    }

    /// Gives the memory of free regions back to the kernel, which zeroes it before anybody else sees
    /// it. The caller holds the lock.
    private void giveBack(List<Long> regions) {
        table = table.without(regions);
        regions.stream().map(memory::remove).filter(Objects::nonNull).forEach(RegionMemory::close);
    }

    /// Cuts the connections to these regions and waits until each has left: a handler in the middle
    /// of a request finishes it first. The caller holds the lock, which is open while this waits.
    private void endConnections(List<Long> regions) {
        while (regions.stream().anyMatch(connections::containsKey)) {
            for (Long region : regions) {
                connections.getOrDefault(region, Set.of()).forEach(RegionConnection::cut);
            }
            changed.awaitUninterruptibly();
        }
    }

    private RegionMemory memoryOf(long region) {
        lock.lock();
        try {
            RegionMemory found = memory.get(region);
            if (found == null) {
                throw new IllegalStateException("region " + region + " has no memory");
            }
            return found;
        } finally {
            lock.unlock();
        }
    }

    @Override
    public boolean admits(RegionSetName name) {
        RegionTable now = table();
        return name.regions().stream().allMatch(now::admits);
    }

    @Override
    public List<ByteBuffer> enter(RegionSetName name, boolean sole, RegionConnection connection) {
        List<Long> wanted = name.regions().stream().map(ExportName::regionId).toList();
        lock.lock();
        try {
            if (sole && admits(name)) {
                endConnections(wanted);
            }
            // The lock was open while waiting: only what holds now counts.
            if (!admits(name) || wanted.stream().anyMatch(this::isCrowded)) {
                return List.of();
            }
            for (Long region : wanted) {
                connections.computeIfAbsent(region, id -> new HashSet<>()).add(connection);
            }
            return wanted.stream().map(region -> memoryOf(region).bytes()).toList();
        } finally {
            lock.unlock();
        }
    }

    private boolean isCrowded(long region) {
        return connections.getOrDefault(region, Set.of()).size() >= MAX_CONNECTIONS_PER_REGION;
    }

    @Override
    public void leave(RegionSetName name, RegionConnection connection) {
        lock.lock();
        try {
            for (ExportName region : name.regions()) {
                connections.computeIfPresent(
                        region.regionId(),
                        (id, entered) -> {
                            entered.remove(connection);
                            return entered.isEmpty() ? null : entered;
                        });
            }
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /// Ends everything: what the regions took is back with the host, unless their store keeps it.
    @Override
    public void close() {
        resizing.lock();
        lock.lock();
        try {
            memory.values().forEach(RegionMemory::close);
            memory.clear();
            table = RegionTable.empty(table.bootId());
        } finally {
            lock.unlock();
            resizing.unlock();
        }
    }
}
