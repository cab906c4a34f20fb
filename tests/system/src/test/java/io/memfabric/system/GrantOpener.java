package io.memfabric.system;

import io.memfabric.agent.borrowing.RemoteBorrowing;
import io.memfabric.agent.borrowing.tcp.TcpLegTransport;
import io.memfabric.agent.nbd.tls.DataSecurity;
import io.memfabric.contract.agent.AttachGrant;
import java.nio.file.Files;
import java.nio.file.Path;
import tools.jackson.databind.json.JsonMapper;

/// A process that opens a grant and dies: the agent that comes next finds it held. There is no
/// hypervisor in these tests that a device could be attached to.
final class GrantOpener {

    private GrantOpener() {}

    public static void main(String[] args) throws Exception {
        AttachGrant plan =
                JsonMapper.builder()
                        .build()
                        .readValue(Files.readAllBytes(Path.of(args[0])), AttachGrant.class);
        var _ =
                RemoteBorrowing.open(
                                Path.of(args[1]),
                                new TcpLegTransport(new DataSecurity.TrustedNetwork()))
                        .open(plan);
        Runtime.getRuntime().halt(0);
    }
}
