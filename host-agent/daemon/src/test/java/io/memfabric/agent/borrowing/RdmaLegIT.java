package io.memfabric.agent.borrowing;

import static org.junit.jupiter.api.Assumptions.abort;

import io.memfabric.agent.borrowing.rdma.RdmaLegTransport;
import io.memfabric.agent.lending.Lender;
import io.memfabric.agent.lending.rdma.RdmaRegionServer;
import io.memfabric.agent.rdma.RdmaException;
import io.memfabric.agent.rdma.Verbs;
import io.memfabric.agent.rdma.VerbsLibrary;
import io.memfabric.contract.region.RegionSetName;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;

/// The legs over this host's own RDMA device, whose IPv4 address the property
/// `memfabric.rdma.address` names.
final class RdmaLegIT extends LegContract {

    private static final String ADDRESS = System.getProperty("memfabric.rdma.address", "");

    @BeforeEach
    void needsADevice() {
        if (ADDRESS.isEmpty()) {
            abort("no RDMA device is named by memfabric.rdma.address");
        }
        try {
            verbs();
        } catch (RdmaException e) {
            abort(String.valueOf(e.getMessage()));
        }
    }

    private static Verbs verbs() throws RdmaException {
        return VerbsLibrary.open(Optional.empty());
    }

    @Override
    Lender lender(int regions) throws IOException {
        return Lender.also(
                regions,
                new RdmaRegionServer.RdmaTransport(verbs()),
                new InetSocketAddress(ADDRESS, 0));
    }

    @Override
    Leg.Transport transport() throws RdmaException {
        return new RdmaLegTransport(verbs());
    }

    @Override
    LegGroup group(Lender lender, RegionSetName regions) {
        return new LegGroup(lender.id(), lender.address(), lender.otherAddress(), regions);
    }
}
