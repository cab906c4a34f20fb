package io.memfabric.agent.lending;

import io.memfabric.agent.policy.RegionTable;
import io.memfabric.contract.agent.CommandResult;
import io.memfabric.contract.agent.FenceRegions;
import io.memfabric.contract.agent.PrepareRegions;
import io.memfabric.contract.agent.RegionClaim;
import io.memfabric.contract.agent.RegionReport;
import io.memfabric.contract.agent.SpillReport;
import io.memfabric.contract.region.RegionSetName;
import io.memfabric.contract.vocabulary.FabricLimits;
import io.memfabric.contract.vocabulary.MemorySize;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;

/// This host's regions, served: those of its memory, which any host borrows, and those of its spill
/// folder, in which grants of its own VMs end up when no other host has room for them. Each has a
/// table of its own, and a name or a command says by the boot id which one it means.
public final class RegionLending implements Lending, RegionGate {

    private final Regions memory =
            new Regions(RegionStore.MEMORY, RegionTable.empty(UUID.randomUUID()));
    private final Optional<Regions> spill;
    private final RegionServer server;
    private final List<RegionServer> others = new CopyOnWriteArrayList<>();

    private RegionLending(
            InetSocketAddress listen,
            RegionServer.Transport transport,
            Optional<SpillFolder> folder)
            throws IOException {
        spill = folder.isEmpty() ? Optional.empty() : Optional.of(folder.get().regions());
        server = transport.listen(listen, this);
    }

    /// Starts to lend at an address; there are no regions until [#resizeTo].
    ///
    /// @throws IOException where the address cannot be listened at
    public static RegionLending open(InetSocketAddress listen, RegionServer.Transport transport)
            throws IOException {
        return open(listen, transport, Optional.empty());
    }

    /// The same with regions in a folder of this host.
    ///
    /// @throws IOException where the address cannot be listened at, or the folder cannot be used
    public static RegionLending open(
            InetSocketAddress listen,
            RegionServer.Transport transport,
            Optional<SpillFolder> folder)
            throws IOException {
        return new RegionLending(listen, transport, folder);
    }

    /// Serves the regions of memory over another transport as well. A way past this host's processor
    /// is none to its own disk.
    ///
    /// @return where borrowers reach them over it
    /// @throws IOException where that cannot be done at this address
    public InetSocketAddress alsoServe(InetSocketAddress listen, RegionServer.Transport transport)
            throws IOException {
        RegionServer other = transport.listen(listen, memory);
        others.add(other);
        return other.address();
    }

    /// Where borrowers reach the regions.
    public InetSocketAddress address() {
        return server.address();
    }

    @Override
    public UUID bootId() {
        return memory.table().bootId();
    }

    @Override
    public void resizeTo(MemorySize lendable) {
        memory.resizeTo(lendable.bytes() / FabricLimits.REGION.bytes());
    }

    @Override
    public CommandResult prepare(PrepareRegions command) {
        return of(command.regions()).prepare(command);
    }

    @Override
    public CommandResult fence(FenceRegions command) {
        return of(command.regions()).fence(command);
    }

    private Regions of(List<RegionClaim> claims) {
        return claims.isEmpty() ? memory : of(claims.getFirst().bootId());
    }

    private Regions of(RegionSetName name) {
        return of(name.regions().getFirst().bootId());
    }

    private Regions of(UUID bootId) {
        return spill.filter(its -> its.table().bootId().equals(bootId)).orElse(memory);
    }

    @Override
    public boolean admits(RegionSetName name) {
        return of(name).admits(name);
    }

    @Override
    public List<ByteBuffer> enter(RegionSetName name, boolean sole, RegionConnection connection) {
        return of(name).enter(name, sole, connection);
    }

    @Override
    public void leave(RegionSetName name, RegionConnection connection) {
        of(name).leave(name, connection);
    }

    @Override
    public List<RegionReport> regions() {
        return memory.table().report();
    }

    @Override
    public Optional<SpillReport> spill() {
        return spill.map(Regions::table)
                .map(table -> new SpillReport(table.bootId(), table.report()));
    }

    @Override
    public MemorySize offered() {
        return sizeOf(memory.table().size());
    }

    @Override
    public MemorySize lent() {
        return sizeOf(memory.table().claimed());
    }

    private static MemorySize sizeOf(int regions) {
        return MemorySize.ofBytes(Math.multiplyExact(regions, FabricLimits.REGION.bytes()));
    }

    /// Ends everything: the regions of memory are gone, those on disk are served by the next agent.
    @Override
    public void close() {
        server.close();
        others.forEach(RegionServer::close);
        memory.close();
        spill.ifPresent(Regions::close);
    }
}
