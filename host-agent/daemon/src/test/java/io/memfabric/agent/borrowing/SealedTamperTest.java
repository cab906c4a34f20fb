package io.memfabric.agent.borrowing;

import static org.assertj.core.api.Assertions.assertThat;

import io.memfabric.agent.lending.Lender;
import io.memfabric.agent.nbd.Nbd;
import java.util.Random;
import java.util.UUID;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;

/// A lender that gives back anything but the page that it was given last.
class SealedTamperTest {

    private static final int ROUNDS = 1_000;
    private static final int PAGES = 4;
    private static final UUID OTHER = UUID.fromString("99999999-2222-3333-4444-555555555555");

    private final Random random = new Random(20260711);
    private final FakeLender lender = new FakeLender(PAGES);
    private final RecordedMemory memory = SealedClient.memory(lender);
    private final SealedClient client = SealedClient.begin(lender, memory);

    private byte[] randomPage() {
        byte[] page = new byte[KeptLayout.PAGE];
        random.nextBytes(page);
        return page;
    }

    /// Writes page 0, has the lender answer `lie` for it until it is refused, and sees that it was
    /// refused once and the truth taken then.
    private void assertAlwaysRefused(IntFunction<byte[]> lie) {
        for (int round = 0; round < ROUNDS; round++) {
            byte[] written = randomPage();
            client.write(0, written);
            byte[] truth = lender.page(0);
            assertThat(truth).isNotEqualTo(written);
            lender.refused.set(0);
            lender.afterRefusal = () -> lender.setPage(0, truth);
            lender.setPage(0, lie.apply(round));
            assertThat(client.read(0, 1)).isEqualTo(written);
            assertThat(lender.refused.get()).as("round %d", round).isEqualTo(1);
        }
        assertThat(client.stopped).isNotDone();
    }

    @Test
    void refusesEveryFlippedBit() {
        assertAlwaysRefused(
                round -> {
                    byte[] page = lender.page(0);
                    int bit = random.nextInt(KeptLayout.PAGE * Byte.SIZE);
                    page[bit / Byte.SIZE] ^= (byte) (1 << bit % Byte.SIZE);
                    return page;
                });
    }

    @Test
    void refusesAPageOfAnotherPlace() {
        client.write(1, randomPage());
        assertAlwaysRefused(round -> lender.page(1));
    }

    @Test
    void refusesTheSameTextSealedForAnotherPlace() {
        assertAlwaysRefused(
                round -> {
                    byte[] written = client.read(0, 1);
                    client.write(2, written);
                    return lender.page(2);
                });
    }

    @Test
    void refusesWhatThePageWasBefore() {
        client.write(0, randomPage());
        byte[][] before = {lender.page(0)};
        assertAlwaysRefused(
                round -> {
                    byte[] old = before[0];
                    before[0] = lender.page(0);
                    return old;
                });
    }

    @Test
    void refusesATornPage() {
        client.write(0, randomPage());
        byte[][] before = {lender.page(0)};
        assertAlwaysRefused(
                round -> {
                    byte[] torn = lender.page(0);
                    byte[] whole = torn.clone();
                    int from = random.nextInt(KeptLayout.PAGE / 512) * 512;
                    System.arraycopy(before[0], from, torn, from, KeptLayout.PAGE - from);
                    before[0] = whole;
                    return torn;
                });
    }

    @Test
    void refusesZerosWhereSomethingWasWritten() {
        assertAlwaysRefused(round -> new byte[KeptLayout.PAGE]);
    }

    @Test
    void refusesAPageOfAnotherGrant() {
        FakeLender ofOther = new FakeLender(PAGES);
        KeptGrant other =
                KeptGrant.begin(
                        SealedClient.memory(ofOther), OTHER, Lender.TENANT, ofOther.sizeBytes(), 1);
        try (SealedClient stranger = SealedClient.over(ofOther, other)) {
            assertAlwaysRefused(
                    round -> {
                        stranger.write(0, client.read(0, 1));
                        return ofOther.page(0);
                    });
        }
    }

    /// The same key, counter and place: only the associated data tells them apart.
    @Test
    void refusesAPageOfAnotherGrantUnderTheSameKey() throws BorrowingException {
        for (int round = 0; round < ROUNDS; round++) {
            byte[] text = randomPage();
            client.write(0, text);
            RecordedMemory stolen = memory.copy();
            stolen.putLong(KeptLayout.GRANT_HIGH, OTHER.getMostSignificantBits());
            stolen.putLong(KeptLayout.GRANT_LOW, OTHER.getLeastSignificantBits());
            KeptGrant other = KeptGrant.resume(stolen, OTHER, lender.sizeBytes(), 1);
            FakeLender same = new FakeLender(lender.disk.clone());
            try (SealedClient stranger = SealedClient.over(same, other)) {
                assertThat(stranger.outcomeOfRead(0)).isEqualTo(Answers.PAGE_LOST);
            }
        }
    }

    @Test
    void stopsRatherThanAnswerWhenNoCopyIsGood() {
        client.write(0, randomPage());
        lender.setPage(0, randomPage());
        assertThat(client.outcomeOfRead(0)).isEqualTo(Answers.PAGE_LOST);
        assertThat(lender.refused.get()).isEqualTo(Answers.TRIES);
    }

    @Test
    void readsZerosWithoutAskingWhereNothingWasWritten() {
        lender.setPage(1, randomPage());
        assertThat(client.read(0, PAGES)).containsOnly(0);
        assertThat(lender.reads.get()).isZero();
    }

    @Test
    void readsZerosBetweenWrittenPagesWhateverTheLenderHolds() {
        byte[] text = randomPage();
        client.write(0, text);
        lender.setPage(1, randomPage());
        byte[] both = client.read(0, 2);
        assertThat(java.util.Arrays.copyOf(both, KeptLayout.PAGE)).isEqualTo(text);
        assertThat(java.util.Arrays.copyOfRange(both, KeptLayout.PAGE, 2 * KeptLayout.PAGE))
                .containsOnly(0);
    }

    @Test
    void discardsReadAsZerosAndReachTheLender() {
        for (int command : new int[] {Nbd.CMD_TRIM, Nbd.CMD_WRITE_ZEROES}) {
            client.write(0, randomPage());
            byte[] sealed = lender.page(0);
            SealedClient.await(client.start(command, 0, 1, null));
            assertThat(lender.page(0)).containsOnly(0);
            lender.setPage(0, sealed);
            assertThat(client.read(0, 1)).containsOnly(0);
        }
    }
}
