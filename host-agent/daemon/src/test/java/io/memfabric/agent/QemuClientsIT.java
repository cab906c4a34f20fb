package io.memfabric.agent;

import static org.assertj.core.api.Assertions.assertThat;

import io.memfabric.agent.borrowing.ExportedDisk;
import io.memfabric.agent.borrowing.RemoteBorrowing;
import io.memfabric.agent.borrowing.tcp.TcpLegTransport;
import io.memfabric.agent.hostmemory.QemuProcesses;
import io.memfabric.agent.lending.Lender;
import io.memfabric.agent.nbd.tls.DataSecurity;
import io.memfabric.contract.agent.AttachGrant;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
final class QemuClientsIT {

    @TempDir private Path folder;

    /// This process is taken for a QEMU, and in the other case for nothing.
    @Test
    void opensADiskToItsVmsQemuAndToNobodyElse() throws Exception {
        Path proc = Files.createDirectory(folder.resolve("proc"));
        try (Lender lender = Lender.with(1);
                RemoteBorrowing borrowing =
                        RemoteBorrowing.open(
                                folder.resolve("run"),
                                new TcpLegTransport(new DataSecurity.TrustedNetwork()),
                                new QemuClients(new QemuProcesses(proc)))) {
            AttachGrant plan = lender.plan(1);
            ExportedDisk disk = borrowing.open(plan);
            assertThat(greeting(disk)).isEqualTo(-1);
            pretendToBeQemuOf(plan, proc);
            assertThat(greeting(disk)).isPositive();
        }
    }

    private static void pretendToBeQemuOf(AttachGrant plan, Path proc) throws IOException {
        Path self = Files.createDirectory(proc.resolve("" + ProcessHandle.current().pid()));
        Files.writeString(self.resolve("cmdline"), "qemu\0-uuid\0" + plan.vmId() + "\0");
        Files.copy(Path.of("/proc/self/stat"), self.resolve("stat"));
    }

    private static int greeting(ExportedDisk disk) throws IOException {
        try (SocketChannel client = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            client.connect(UnixDomainSocketAddress.of(disk.socket()));
            return client.read(ByteBuffer.allocate(64));
        }
    }
}
