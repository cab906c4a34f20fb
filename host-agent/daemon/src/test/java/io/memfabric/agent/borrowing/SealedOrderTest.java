package io.memfabric.agent.borrowing;

import static org.assertj.core.api.Assertions.assertThat;

import io.memfabric.agent.nbd.Nbd;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Requests that meet on the same pages, and those that nobody waits for any more.
class SealedOrderTest {

    private static final int PAGES = 8;

    private final FakeLender lender = new FakeLender(PAGES);
    private final RecordedMemory memory = SealedClient.memory(lender);
    private final SealedClient client = SealedClient.begin(lender, memory);

    private static byte[] pages(int count, int content) {
        byte[] pages = new byte[count * KeptLayout.PAGE];
        Arrays.fill(pages, (byte) content);
        return pages;
    }

    private CompletableFuture<byte[]> startRead(long page) {
        return client.start(Nbd.CMD_READ, page, 1, null);
    }

    @Test
    void aRequestWaitsForTheWriteThatHasItsPages() {
        client.write(0, pages(PAGES, 1));
        lender.hold();
        CompletableFuture<byte[]> first = client.startWrite(0, pages(2, 2));
        CompletableFuture<byte[]> second = client.startWrite(1, pages(2, 3));
        CompletableFuture<byte[]> read = startRead(1);
        CompletableFuture<byte[]> apart = startRead(7);
        assertThat(lender.held()).isEqualTo(2);
        lender.carryOut();
        SealedClient.await(CompletableFuture.allOf(first, second, apart));
        assertThat(SealedClient.await(read)).isEqualTo(pages(1, 3));
        assertThat(client.read(0, 1)).isEqualTo(pages(1, 2));
        assertThat(client.read(2, 1)).isEqualTo(pages(1, 3));
    }

    @Test
    void aWriteWaitsForTheReadsOfItsPagesAndReadsForNone() {
        client.write(0, pages(1, 1));
        lender.hold();
        CompletableFuture<byte[]> one = startRead(0);
        CompletableFuture<byte[]> other = startRead(0);
        CompletableFuture<byte[]> write = client.startWrite(0, pages(1, 2));
        assertThat(lender.held()).isEqualTo(2);
        lender.carryOut();
        assertThat(SealedClient.await(one)).isEqualTo(pages(1, 1));
        assertThat(SealedClient.await(other)).isEqualTo(pages(1, 1));
        SealedClient.await(write);
        assertThat(client.read(0, 1)).isEqualTo(pages(1, 2));
    }

    @Test
    void aDiscardAndAWriteOfTheSamePagesKeepTheirOrder() {
        client.write(0, pages(1, 1));
        lender.hold();
        CompletableFuture<byte[]> trim = client.start(Nbd.CMD_TRIM, 0, 4, null);
        CompletableFuture<byte[]> write = client.startWrite(0, pages(1, 2));
        CompletableFuture<byte[]> zeros = client.start(Nbd.CMD_WRITE_ZEROES, 0, 1, null);
        assertThat(lender.held()).isEqualTo(1);
        lender.carryOut();
        SealedClient.await(CompletableFuture.allOf(trim, write, zeros));
        assertThat(client.read(0, 1)).containsOnly(0);
    }

    /// Each of many requests on the same page sees the one before.
    @Test
    void manyRequestsOnOnePageAreCarriedOutInTheirOrder() {
        for (int round = 0; round < 500; round++) {
            List<CompletableFuture<byte[]>> reads = new ArrayList<>();
            for (int i = 0; i < 7; i++) {
                var _ = client.startWrite(0, pages(1, round + i));
                reads.add(startRead(0));
            }
            for (int i = 0; i < 7; i++) {
                assertThat(SealedClient.await(reads.get(i))).isEqualTo(pages(1, round + i));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aWriteThatWasLetGoOfIsSettledBeforeItsPagesAreUsed(boolean tookPlace) throws Exception {
        client.write(0, pages(2, 1));
        lender.hold();
        lender.appliesAbandoned = tookPlace;
        CompletableFuture<byte[]> write = client.startWrite(0, pages(3, 2));
        CompletableFuture<byte[]> waits = startRead(1);
        client.device.abandon();
        assertThat(write).isCompletedExceptionally();
        assertThat(waits).isCompletedExceptionally();
        CompletableFuture<byte[]> read = startRead(0);
        lender.carryOut();
        byte[] expected = tookPlace ? pages(1, 2) : pages(1, 1);
        assertThat(read.get(10, TimeUnit.SECONDS)).isEqualTo(expected);
        assertThat(client.read(1, 1)).isEqualTo(expected);
        assertThat(client.read(2, 1)).isEqualTo(tookPlace ? expected : pages(1, 0));
        assertThat(lender.refused.get()).isZero();
    }

    /// Clients come and go until every entry of the journal is of a write that nobody waits for.
    @Test
    void aWriteWaitsForAnEntryOfTheJournal() {
        int pages = KeptLayout.ENTRIES + 2;
        FakeLender slow = new FakeLender(pages);
        try (SealedClient many = SealedClient.begin(slow, SealedClient.memory(slow))) {
            slow.hold();
            for (int page = 0; page < pages; page++) {
                CompletableFuture<byte[]> write = many.startWrite(page, pages(1, 1));
                many.device.abandon();
                assertThat(write).isCompletedExceptionally();
            }
            CompletableFuture<byte[]> write = many.startWrite(pages - 1, pages(1, 77));
            assertThat(write).isNotDone();
            slow.carryOut();
            SealedClient.await(write);
            assertThat(many.read(pages - 1, 1)).isEqualTo(pages(1, 77));
            for (int page = 0; page < pages - 1; page++) {
                assertThat(many.read(page, 1)).containsOnly(0);
            }
        }
    }
}
