package io.memfabric.agent.lending;

import io.memfabric.agent.policy.RegionTable;
import io.memfabric.contract.agent.CommandResult;
import io.memfabric.contract.agent.FenceRegions;
import io.memfabric.contract.agent.PrepareRegions;
import io.memfabric.contract.agent.RegionReport;
import io.memfabric.contract.region.ExportName;
import io.memfabric.contract.region.RegionSetName;
import io.memfabric.contract.vocabulary.FabricLimits;
import io.memfabric.contract.vocabulary.MemorySize;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;

/// This host's regions: the [RegionTable] decides, this carries it out on memory and connections.
///
/// One lock guards the table, the memory and the connections together, so whoever is let in is
/// known to the fence that comes next. Memory is mapped, zeroed and unmapped outside that lock, in
/// regions that the table shows to nobody at that time.
public final class RegionLending implements Lending, RegionGate {

    private static final int MAX_CONNECTIONS_PER_REGION = 16;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final ReentrantLock resizing = new ReentrantLock();
    private final Map<Long, RegionMemory> memory = new HashMap<>();
    private final Map<Long, Set<RegionConnection>> connections = new HashMap<>();
    private RegionTable table = RegionTable.empty(UUID.randomUUID());
    private final RegionServer server;
    private final List<RegionServer> others = new CopyOnWriteArrayList<>();

    private RegionLending(InetSocketAddress listen, RegionServer.Transport transport)
            throws IOException {
        server = transport.listen(listen, this);
    }

    /// Starts to lend at an address; there are no regions until [#resizeTo].
    ///
    /// @throws IOException where the address cannot be listened at
    public static RegionLending open(InetSocketAddress listen, RegionServer.Transport transport)
            throws IOException {
        return new RegionLending(listen, transport);
    }

    /// Serves the same regions over another transport as well.
    ///
    /// @return where borrowers reach them over it
    /// @throws IOException where that cannot be done at this address
    public InetSocketAddress alsoServe(InetSocketAddress listen, RegionServer.Transport transport)
            throws IOException {
        RegionServer other = transport.listen(listen, this);
        others.add(other);
        return other.address();
    }

    /// Where borrowers reach the regions.
    public InetSocketAddress address() {
        return server.address();
    }

    @Override
    public UUID bootId() {
        return table().bootId();
    }

    @Override
    public void resizeTo(MemorySize lendable) {
        long wanted = lendable.bytes() / FabricLimits.REGION.bytes();
        resizing.lock();
        try {
            dissolve(wanted);
            while (table().size() < wanted) {
                RegionMemory fresh = RegionMemory.map();
                lock.lock();
                try {
                    memory.put(table.nextId(), fresh);
                    table = table.withNewRegion();
                } finally {
                    lock.unlock();
                }
            }
        } finally {
            resizing.unlock();
        }
    }

    private void dissolve(long wanted) {
        List<RegionMemory> gone;
        lock.lock();
        try {
            List<Long> surplus = table.surplus(wanted);
            table = table.without(surplus);
            gone = surplus.stream().map(memory::remove).toList();
        } finally {
            lock.unlock();
        }
        gone.forEach(RegionMemory::close);
    }

    @Override
    public CommandResult prepare(PrepareRegions command) {
        lock.lock();
        try {
            return switch (table.prepare(command)) {
                case RegionTable.Preparation.Claimed claimed -> {
                    table = claimed.next();
                    yield CommandResult.done(command.commandId());
                }
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

    @Override
    public CommandResult fence(FenceRegions command) {
        lock.lock();
        try {
            RegionTable.Fencing fencing = table.beginFence(command);
            table = fencing.next();
            endConnections(fencing.cut());
            lock.unlock();
            try {
                if (!command.withdraw()) {
                    fencing.cut().forEach(region -> memoryOf(region).zero());
                }
            } finally {
                lock.lock();
            }
            table = table.endFence(fencing.cut());
            if (command.withdraw()) {
                giveBack(fencing.cut());
            }
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

    @Override
    public List<RegionReport> regions() {
        return table().report();
    }

    @Override
    public MemorySize offered() {
        return sizeOf(table().size());
    }

    @Override
    public MemorySize lent() {
        return sizeOf(table().claimed());
    }

    private static MemorySize sizeOf(int regions) {
        return MemorySize.ofBytes(Math.multiplyExact(regions, FabricLimits.REGION.bytes()));
    }

    private RegionTable table() {
        lock.lock();
        try {
            return table;
        } finally {
            lock.unlock();
        }
    }

    /// Ends everything: the regions are gone, their memory is back with the kernel.
    @Override
    public void close() {
        server.close();
        others.forEach(RegionServer::close);
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
