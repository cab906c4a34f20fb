package io.memfabric.agent.borrowing.export;

import static org.assertj.core.api.Assertions.assertThat;

import io.memfabric.agent.borrowing.ExportedDisk;
import io.memfabric.agent.borrowing.Plaintext;
import io.memfabric.agent.borrowing.RemoteBorrowing;
import io.memfabric.agent.borrowing.Requests;
import io.memfabric.agent.lending.Lender;
import io.memfabric.agent.nbd.Nbd;
import io.memfabric.agent.nbd.RawClient;
import io.memfabric.agent.nbd.ServerConformance;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DiskConformanceIT extends ServerConformance {

    @TempDir static Path runDir = Path.of("unset");

    private record Fixture(Lender lender, RemoteBorrowing borrowing, ExportedDisk disk) {}

    private static Optional<Fixture> fixture = Optional.empty();

    @BeforeAll
    static void borrow() throws Exception {
        Lender lender = Lender.with(3);
        RemoteBorrowing borrowing = RemoteBorrowing.open(runDir, Plaintext.legs());
        fixture = Optional.of(new Fixture(lender, borrowing, borrowing.open(lender.plan(3))));
    }

    @AfterAll
    static void close() {
        fixture.orElseThrow().borrowing().close();
        fixture.orElseThrow().lender().close();
    }

    @Override
    protected Target target() {
        ExportedDisk disk = fixture.orElseThrow().disk();
        return new Target(
                UnixDomainSocketAddress.of(disk.socket()),
                disk.exportName(),
                disk.sizeBytes(),
                Requests.MAX_PAYLOAD);
    }

    @Test
    void refusesWhatIsNotOfWholePages() throws Exception {
        byte[] page = new byte[PAGE];
        Arrays.fill(page, (byte) 7);
        try (RawClient client = RawClient.entered(target().address(), target().export())) {
            assertThat(client.write(0, page)).isZero();
            for (long offset : new long[] {1, 512, PAGE - 1}) {
                assertThat(client.write(offset, new byte[PAGE])).isEqualTo(Nbd.EINVAL);
                assertThat(client.read(offset, PAGE).error()).isEqualTo(Nbd.EINVAL);
            }
            for (int length : new int[] {1, 512, PAGE - 1, PAGE + 1}) {
                assertThat(client.write(0, new byte[length])).isEqualTo(Nbd.EINVAL);
                assertThat(client.read(0, length).error()).isEqualTo(Nbd.EINVAL);
            }
            assertThat(client.read(0, PAGE).data().array()).isEqualTo(page);
        }
    }
}
