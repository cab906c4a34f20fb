package io.memfabric.rdma.inside;

import io.memfabric.agent.borrowing.Leg;
import io.memfabric.agent.borrowing.LegGroup;
import io.memfabric.agent.borrowing.rdma.RdmaLegTransport;
import io.memfabric.agent.borrowing.tcp.TcpLegTransport;
import io.memfabric.agent.lending.RegionServer;
import io.memfabric.agent.lending.rdma.RdmaRegionServer;
import io.memfabric.agent.lending.tcp.TcpRegionServer;
import io.memfabric.agent.nbd.tls.DataSecurity;
import io.memfabric.agent.rdma.RdmaException;
import io.memfabric.agent.rdma.Verbs;
import io.memfabric.agent.rdma.VerbsLibrary;
import java.io.UncheckedIOException;
import java.util.Optional;

/// The two ends of one transport of the agent.
///
/// @param isVerbs whether pages go by RDMA
record Ways(RegionServer.Transport lending, Leg.Transport borrowing, boolean isVerbs) {

    static Ways named(String name) {
        return switch (name) {
            case "tcp" ->
                    new Ways(
                            new TcpRegionServer.TcpTransport(new DataSecurity.TrustedNetwork()),
                            new TcpLegTransport(new DataSecurity.TrustedNetwork()),
                            false);
            case "rdma" ->
                    new Ways(
                            new RdmaRegionServer.RdmaTransport(verbs()),
                            byVerbs(new RdmaLegTransport(verbs())),
                            true);
            default -> throw new IllegalArgumentException("unknown transport " + name);
        };
    }

    /// In this lab a lender's address for RDMA is the one that it has for everything.
    private static Leg.Transport byVerbs(Leg.Transport verbs) {
        return group ->
                verbs.connect(
                        new LegGroup(
                                group.lenderId(),
                                group.address(),
                                group.address(),
                                group.regions()));
    }

    private static Verbs verbs() {
        try {
            return VerbsLibrary.open(Optional.empty());
        } catch (RdmaException e) {
            throw new UncheckedIOException(e);
        }
    }
}
