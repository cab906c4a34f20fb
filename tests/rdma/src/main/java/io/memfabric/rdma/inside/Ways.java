package io.memfabric.rdma.inside;

import io.memfabric.agent.borrowing.Leg;
import io.memfabric.agent.borrowing.tcp.TcpLegTransport;
import io.memfabric.agent.lending.RegionServer;
import io.memfabric.agent.lending.tcp.TcpRegionServer;
import io.memfabric.agent.nbd.tls.DataSecurity;

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
            default -> throw new IllegalArgumentException("unknown transport " + name);
        };
    }
}
