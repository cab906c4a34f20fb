package io.memfabric.benchmark;

import io.memfabric.agent.lending.RegionLending;
import io.memfabric.agent.lending.tcp.TcpRegionServer;
import io.memfabric.contract.agent.CommandResult;
import io.memfabric.contract.agent.PrepareRegions;
import io.memfabric.contract.agent.RegionClaim;
import io.memfabric.contract.region.ExportName;
import io.memfabric.contract.vocabulary.FabricLimits;
import io.memfabric.contract.vocabulary.MemorySize;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;

/// A lending host as it ships, in a process of its own. Arguments: the grant and how many regions it
/// gets and the key for TLS or `none`. It prints the address and the name of each
/// region in a line, and ends when its input does.
final class LenderProcess {

    private static final String CAPABILITY = "00112233445566778899aabbccddeeff";

    private LenderProcess() {}

    static void run(List<String> arguments) throws IOException {
        UUID grant = UUID.fromString(arguments.getFirst());
        int regions = Integer.parseInt(arguments.get(1));
        InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        try (RegionLending lending =
                RegionLending.open(
                        any,
                        new TcpRegionServer.TcpTransport(
                                BorrowerProcess.security(arguments.get(2))))) {
            lending.resizeTo(MemorySize.ofBytes(regions * FabricLimits.REGION.bytes()));
            List<RegionClaim> claims = new ArrayList<>();
            StringBuilder line = new StringBuilder("127.0.0.1:" + lending.address().getPort());
            for (int region = 1; region <= regions; region++) {
                claims.add(new RegionClaim(lending.bootId(), region, 1));
                ExportName name =
                        new ExportName(
                                lending.bootId(),
                                region,
                                1,
                                grant,
                                BorrowerProcess.EPOCH,
                                CAPABILITY);
                line.append(' ').append(name.wire());
            }
            CommandResult claimed =
                    lending.prepare(
                            new PrepareRegions(
                                    UUID.randomUUID(),
                                    grant,
                                    BorrowerProcess.EPOCH,
                                    CAPABILITY,
                                    claims));
            if (claimed.outcome() != CommandResult.Outcome.DONE) {
                throw new IOException("the claim was refused: " + claimed);
            }
            System.out.println(line);
            while (System.in.read() >= 0) {
                // The parent only ever closes it.
            }
        }
    }
}
