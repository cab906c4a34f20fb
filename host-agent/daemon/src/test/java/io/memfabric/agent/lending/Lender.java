package io.memfabric.agent.lending;

import io.memfabric.agent.lending.tcp.TcpRegionServer;
import io.memfabric.agent.nbd.tls.DataSecurity;
import io.memfabric.contract.agent.AttachGrant;
import io.memfabric.contract.agent.CommandResult;
import io.memfabric.contract.agent.ExtentPlan;
import io.memfabric.contract.agent.FenceRegions;
import io.memfabric.contract.agent.LegPlan;
import io.memfabric.contract.agent.PrepareRegions;
import io.memfabric.contract.agent.RegionClaim;
import io.memfabric.contract.region.ExportName;
import io.memfabric.contract.region.RegionSetName;
import io.memfabric.contract.vocabulary.AttachMode;
import io.memfabric.contract.vocabulary.FabricLimits;
import io.memfabric.contract.vocabulary.MemorySize;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.UUID;
import java.util.stream.LongStream;

/// A lending host for tests, and the commands that a broker would send to it.
public final class Lender implements AutoCloseable {

    public static final String CAPABILITY = "00112233445566778899aabbccddeeff";
    public static final UUID TENANT = UUID.fromString("99999999-8888-7777-6666-555555555555");
    public static final UUID GRANT = UUID.fromString("11111111-2222-3333-4444-555555555555");

    public final RegionLending lending;
    private final UUID id;
    private String otherAddress = "";

    private Lender(RegionLending lending, UUID id) {
        this.lending = lending;
        this.id = id;
    }

    public static Lender with(int regions) throws IOException {
        return at(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), regions);
    }

    public static Lender at(InetSocketAddress address, int regions) throws IOException {
        return at(address, regions, UUID.randomUUID(), new DataSecurity.TrustedNetwork());
    }

    /// A lender on a port of its own that wants its borrowers like this.
    public static Lender with(int regions, UUID id, DataSecurity security) throws IOException {
        return at(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), regions, id, security);
    }

    /// A lender that serves its regions over another transport too.
    public static Lender also(int regions, RegionServer.Transport other, InetSocketAddress at)
            throws IOException {
        Lender lender = with(regions);
        try {
            lender.otherAddress = text(lender.lending.alsoServe(at, other));
            return lender;
        } catch (IOException | RuntimeException e) {
            lender.close();
            throw e;
        }
    }

    private static String text(InetSocketAddress address) {
        return address.getAddress().getHostAddress() + ":" + address.getPort();
    }

    /// Where the regions are reached over the other transport.
    public String otherAddress() {
        return otherAddress;
    }

    public String address() {
        return text(lending.address());
    }

    public UUID id() {
        return id;
    }

    private static Lender at(InetSocketAddress address, int regions, UUID id, DataSecurity security)
            throws IOException {
        RegionLending lending =
                RegionLending.open(address, new TcpRegionServer.TcpTransport(security));
        lending.resizeTo(MemorySize.ofBytes(regions * FabricLimits.REGION.bytes()));
        return new Lender(lending, id);
    }

    public CommandResult claim(UUID grant, long epoch, long generation, long... regions) {
        return lending.prepare(
                new PrepareRegions(
                        UUID.randomUUID(), grant, epoch, CAPABILITY, claims(generation, regions)));
    }

    public CommandResult fence(UUID grant, long epoch, long generation, long... regions) {
        return lending.fence(
                new FenceRegions(UUID.randomUUID(), grant, epoch, claims(generation, regions)));
    }

    private List<RegionClaim> claims(long generation, long... regions) {
        return LongStream.of(regions)
                .mapToObj(region -> new RegionClaim(lending.bootId(), region, generation))
                .toList();
    }

    public String exportName(UUID grant, long epoch, long generation, long region) {
        return new ExportName(lending.bootId(), region, generation, grant, epoch, CAPABILITY)
                .wire();
    }

    /// The leg to a claimed region.
    public LegPlan leg(UUID grant, long epoch, long generation, long region) {
        InetSocketAddress address = lending.address();
        return new LegPlan(
                id,
                address.getAddress().getHostAddress() + ":" + address.getPort(),
                exportName(grant, epoch, generation, region));
    }

    /// The leg to a claimed region by another way.
    public LegPlan legAt(InetSocketAddress way, long region) {
        return new LegPlan(
                id,
                way.getAddress().getHostAddress() + ":" + way.getPort(),
                exportName(GRANT, 1, 1, region));
    }

    /// What lies in a region that [#GRANT] claimed in generation and epoch 1.
    public ByteBuffer memory(long region) {
        RegionSetName name = RegionSetName.parse(exportName(GRANT, 1, 1, region));
        RegionConnection look = () -> {};
        ByteBuffer memory = lending.enter(name, false, look).getFirst();
        lending.leave(name, look);
        return memory;
    }

    /// Claims regions 1 to `extents` in generation 1 and epoch 1, and plans a device of them.
    public AttachGrant plan(int extents) {
        long[] regions = LongStream.rangeClosed(1, extents).toArray();
        claim(GRANT, 1, 1, regions);
        return plan(LongStream.of(regions).mapToObj(region -> leg(GRANT, 1, 1, region)).toList());
    }

    /// Claims two regions here and one at another lender, and plans a device in which the other's
    /// lies between: every border is one between lenders.
    public AttachGrant planAround(Lender other) {
        claim(GRANT, 1, 1, 1, 2);
        other.claim(GRANT, 1, 1, 1);
        return plan(List.of(leg(GRANT, 1, 1, 1), other.leg(GRANT, 1, 1, 1), leg(GRANT, 1, 1, 2)));
    }

    /// A device with these legs.
    public static AttachGrant plan(List<LegPlan> legs) {
        return planOfExtents(legs.stream().map(List::of).toList());
    }

    /// A device with these legs of each extent.
    public static AttachGrant planOfExtents(List<List<LegPlan>> legs) {
        List<ExtentPlan> extents =
                LongStream.range(0, legs.size())
                        .mapToObj(i -> new ExtentPlan((int) i, legs.get((int) i)))
                        .toList();
        return new AttachGrant(
                UUID.randomUUID(),
                GRANT,
                1,
                UUID.randomUUID(),
                "mf-test",
                AttachMode.SWAP,
                legs.size() * FabricLimits.REGION.bytes(),
                extents,
                TENANT);
    }

    @Override
    public void close() {
        lending.close();
    }
}
