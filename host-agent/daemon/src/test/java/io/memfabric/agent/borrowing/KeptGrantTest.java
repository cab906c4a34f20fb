package io.memfabric.agent.borrowing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.memfabric.agent.lending.Lender;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class KeptGrantTest {

    private static final UUID GRANT = UUID.fromString("11111111-2222-3333-4444-555555555555");
    private static final long SIZE = RemoteDisk.EXTENT;
    private static final KeptLayout LAYOUT = new KeptLayout(SIZE);

    private final RecordedMemory memory = new RecordedMemory(LAYOUT.totalBytes());

    KeptGrantTest() {
        KeptGrant.begin(memory, GRANT, Lender.TENANT, SIZE, 3);
    }

    private static KeptGrant resume(KeptMemory memory) throws BorrowingException {
        return KeptGrant.resume(memory, GRANT, SIZE, 3);
    }

    /// Processes that die after any number of writes: their counters only ever grow.
    @Test
    void usesNoCounterTwiceAcrossCrashes() throws Exception {
        Random random = new Random(20260711);
        RecordedMemory left = memory;
        long most = 0;
        for (long writes = 0; writes < 1_000_000; ) {
            KeptGrant grant = resume(left.copy());
            int lives = random.nextInt(30_000);
            for (int i = 0; i < lives; i++) {
                long counter = grant.nextCounter();
                assertThat(counter).isGreaterThan(most);
                most = counter;
            }
            writes += lives;
            left = (RecordedMemory) grant.memory();
        }
    }

    @Test
    void takesTheNextBlockBeforeItUsesACounterOfIt() throws Exception {
        KeptGrant grant = resume(memory);
        for (long i = 0; i < 2 * KeptGrant.COUNTERS + 1; i++) {
            long counter = grant.nextCounter();
            if (counter > memory.getLong(KeptLayout.COUNTER_HIGH_WATER)) {
                throw new AssertionError("counter " + counter + " is above the high-water mark");
            }
        }
    }

    @Test
    void everyGrantHasAnotherKey() {
        RecordedMemory other = new RecordedMemory(LAYOUT.totalBytes());
        KeptGrant.begin(other, GRANT, Lender.TENANT, SIZE, 3);
        assertThat(other.getLong(KeptLayout.KEY)).isNotEqualTo(memory.getLong(KeptLayout.KEY));
    }

    @Test
    void refusesMemoryThatIsNotThisGrants() {
        assertRefused(memory.truncated(0));
        assertRefused(memory.truncated(LAYOUT.totalBytes() - KeptLayout.PAGE));
        assertRefused(memory.truncated(LAYOUT.totalBytes() + KeptLayout.PAGE));
        assertRefused(new RecordedMemory(LAYOUT.totalBytes()));
        assertRefused(changed(KeptLayout.MAGIC, KeptLayout.MAGIC_AND_VERSION + 1));
        assertRefused(changed(KeptLayout.MAGIC, Long.reverseBytes(KeptLayout.MAGIC_AND_VERSION)));
        assertRefused(changed(KeptLayout.GRANT_LOW, 1));
        assertRefused(changed(KeptLayout.SIZE, 2 * SIZE));
        assertRefused(changed(KeptLayout.TOTAL_BYTES, 1));
        assertRefused(changed(KeptLayout.EPOCH, 4));
        assertRefused(changed(KeptLayout.KEY_GENERATION, 0));
        assertRefused(changed(KeptLayout.KEY_GENERATION, 1L << 32));
        assertRefused(changed(KeptLayout.COUNTER_HIGH_WATER, -1));
        assertRefused(changed(LAYOUT.entry(5), 2));
        RecordedMemory past = changed(LAYOUT.entry(63), WriteJournal.PENDING);
        past.putLong(LAYOUT.entry(63) + KeptLayout.ENTRY_FIRST, LAYOUT.pages() - 1);
        past.putLong(LAYOUT.entry(63) + KeptLayout.ENTRY_COUNT, 2);
        assertRefused(past);
        past.putLong(LAYOUT.entry(63) + KeptLayout.ENTRY_COUNT, 1L << 32 | 1);
        assertRefused(past);
    }

    private RecordedMemory changed(long offset, long value) {
        RecordedMemory copy = memory.copy();
        copy.putLong(offset, value);
        return copy;
    }

    private static void assertRefused(RecordedMemory bad) {
        assertThatThrownBy(() -> resume(bad))
                .isInstanceOfSatisfying(
                        BorrowingException.class,
                        e -> assertThat(e.code()).isEqualTo(KeptGrant.METADATA_UNUSABLE));
    }

    @Test
    void sectionsDoNotOverlap() {
        assertThat(LAYOUT.record(0)).isGreaterThanOrEqualTo(KeptLayout.KEY + KeptLayout.KEY_BYTES);
        assertThat(LAYOUT.entry(0)).isGreaterThanOrEqualTo(LAYOUT.record(LAYOUT.pages()));
        assertThat(LAYOUT.entry(1)).isEqualTo(LAYOUT.entryRecord(0, KeptLayout.ENTRY_PAGES));
        assertThat(LAYOUT.mirror(0)).isGreaterThanOrEqualTo(LAYOUT.entry(KeptLayout.ENTRIES));
        assertThat(LAYOUT.totalBytes())
                .isGreaterThanOrEqualTo(LAYOUT.mirror(1))
                .isEqualTo(4096 + 24 * 16384 + 64 * 6208 + 8192);
    }
}
