package io.memfabric.agent.borrowing;

import static org.assertj.core.api.Assertions.assertThat;

import io.memfabric.agent.lending.Lender;
import io.memfabric.agent.nbd.RawClient;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RemoteBorrowingIT {

    private static final int PAGE = 4096;

    @TempDir Path runDir;

    @Test
    void everyPageOfSeveralRegionsKeepsItsStamp() throws Exception {
        try (Lender lender = Lender.with(3);
                RemoteBorrowing borrowing = RemoteBorrowing.open(runDir)) {
            ExportedDisk disk = borrowing.open(lender.plan(3));
            try (RawClient client =
                    RawClient.entered(
                            UnixDomainSocketAddress.of(disk.socket()), disk.exportName())) {
                long pages = disk.sizeBytes() / PAGE;
                for (long page = 0; page < pages; page++) {
                    assertThat(client.write(page * PAGE, stamp(page))).isZero();
                }
                for (long page = 0; page < pages; page++) {
                    assertThat(client.read(page * PAGE, PAGE).data().array())
                            .isEqualTo(stamp(page));
                }
            }
        }
    }

    private static byte[] stamp(long page) {
        ByteBuffer bytes = ByteBuffer.allocate(PAGE);
        for (int i = 0; i < PAGE; i += 8) {
            bytes.putLong(page * 0x9e3779b97f4a7c15L + i);
        }
        return bytes.array();
    }
}
