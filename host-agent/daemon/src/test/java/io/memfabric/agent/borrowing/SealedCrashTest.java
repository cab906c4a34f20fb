package io.memfabric.agent.borrowing;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/// The process dies after any of the stores that a request makes, with any part of a write at the
/// lender; the next process finds each page as it was or as it was to be.
class SealedCrashTest {

    private static final long SEED = 20260711;
    private static final int PAGES = 4;
    private static final int OPERATIONS = 60;

    private final Random random = new Random(SEED);
    private final FakeLender lender = new FakeLender(PAGES);
    private final RecordedMemory memory = SealedClient.memory(lender);
    private final byte[][] model = new byte[PAGES][KeptLayout.PAGE];

    private byte[] randomPages(int count) {
        byte[] pages = new byte[count * KeptLayout.PAGE];
        random.nextBytes(pages);
        return pages;
    }

    @Test
    void leavesEveryPageOldOrNewAtEveryStore() throws Exception {
        int instants = 0;
        try (SealedClient client = SealedClient.begin(lender, memory)) {
            for (int i = 0; i < OPERATIONS; i++) {
                int first = random.nextInt(PAGES);
                int count = 1 + random.nextInt(PAGES - first);
                boolean trim = random.nextInt(4) == 0;
                byte[] data = trim ? new byte[count * KeptLayout.PAGE] : randomPages(count);
                byte[] diskBefore = lender.disk.clone();
                List<RecordedMemory> history = memory.record();
                if (trim) {
                    client.trim(first, count);
                } else {
                    client.write(first, data);
                }
                memory.stopRecording();
                byte[][] after = model.clone();
                for (int p = 0; p < count; p++) {
                    after[first + p] =
                            Arrays.copyOfRange(
                                    data, p * KeptLayout.PAGE, (p + 1) * KeptLayout.PAGE);
                }
                boolean mayBeSent = false;
                for (RecordedMemory instant : history) {
                    instants++;
                    boolean over = instant == history.getLast();
                    // After the store that makes it pending the write goes out; the next store is
                    // made when it was answered. A discard goes out after its last store.
                    boolean goesOut = trim ? over : isPending(instant) && !mayBeSent;
                    boolean isAnswered = over || mayBeSent;
                    mayBeSent |= goesOut;
                    for (byte[] disk : disksAt(diskBefore, first, count, goesOut, isAnswered)) {
                        recoverAndCheck(instant, disk, over ? after : model, after);
                    }
                }
                System.arraycopy(after, 0, model, 0, PAGES);
            }
        }
        assertThat(instants).isGreaterThan(500);
    }

    private static boolean isPending(RecordedMemory instant) {
        KeptLayout layout = new KeptLayout(PAGES * KeptLayout.PAGE);
        for (int entry = 0; entry < KeptLayout.ENTRIES; entry++) {
            if (instant.getLong(layout.entry(entry)) == WriteJournal.PENDING) {
                return true;
            }
        }
        return false;
    }

    /// What the lender can hold: any pages of a request that goes out, all of one that was answered,
    /// nothing of one before that.
    private List<byte[]> disksAt(
            byte[] before, int first, int count, boolean goesOut, boolean isAnswered) {
        if (!goesOut) {
            return List.of(isAnswered ? lender.disk.clone() : before.clone());
        }
        List<byte[]> disks = new ArrayList<>();
        for (int set = 0; set < 1 << count; set++) {
            byte[] disk = before.clone();
            for (int p = 0; p < count; p++) {
                if ((set >> p & 1) == 1) {
                    int at = (first + p) * KeptLayout.PAGE;
                    System.arraycopy(lender.disk, at, disk, at, KeptLayout.PAGE);
                }
            }
            disks.add(disk);
        }
        return disks;
    }

    private void recoverAndCheck(
            RecordedMemory instant, byte[] disk, byte[][] before, byte[][] after)
            throws BorrowingException {
        RecordedMemory kept = instant.copy();
        FakeLender survivor = new FakeLender(disk);
        try (SealedClient client = SealedClient.resume(survivor, kept)) {
            byte[][] found = new byte[PAGES][];
            for (int page = 0; page < PAGES; page++) {
                found[page] = client.read(page, 1);
                assertThat(
                                Arrays.equals(found[page], before[page])
                                        || Arrays.equals(found[page], after[page]))
                        .as("page %d, seed %d", page, SEED)
                        .isTrue();
            }
            for (int page = 0; page < PAGES; page++) {
                assertThat(client.read(page, 1)).isEqualTo(found[page]);
            }
            byte[] next = randomPages(1);
            client.write(0, next);
            assertThat(client.read(0, 1)).isEqualTo(next);
            assertThat(isPending(kept)).isFalse();
        }
    }
}
