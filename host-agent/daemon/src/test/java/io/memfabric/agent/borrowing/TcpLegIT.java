package io.memfabric.agent.borrowing;

import io.memfabric.agent.borrowing.tcp.TcpLegTransport;
import io.memfabric.agent.lending.Lender;
import io.memfabric.agent.nbd.tls.DataSecurity;
import io.memfabric.contract.region.RegionSetName;
import java.io.IOException;

final class TcpLegIT extends LegContract {

    @Override
    Lender lender(int regions) throws IOException {
        return Lender.with(regions);
    }

    @Override
    Leg.Transport transport() {
        return new TcpLegTransport(new DataSecurity.TrustedNetwork());
    }

    @Override
    LegGroup group(Lender lender, RegionSetName regions) {
        return new LegGroup(lender.id(), lender.address(), regions);
    }
}
