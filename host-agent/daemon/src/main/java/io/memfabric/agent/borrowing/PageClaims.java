package io.memfabric.agent.borrowing;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/// Which pages are being read or written. Reads share pages, a write has them for itself. One thread
/// at a time claims, any thread gives back; a claim publishes what was done to the pages before to
/// who claims them next.
final class PageClaims {

    private static final VarHandle WORDS = MethodHandles.arrayElementVarHandle(long[].class);

    /// Slots up to 127 need two words each.
    private static final int READS = 0;

    private static final int WRITES = 2;

    /// Entries of the journal whose writes nobody waits for any more.
    private static final int UNSETTLED = 4;

    private static final int FIRST_UNSETTLED = 128;

    private final long[] words = new long[UNSETTLED + 1];
    private final long[] first = new long[FIRST_UNSETTLED + KeptLayout.ENTRIES];
    private final long[] end = new long[FIRST_UNSETTLED + KeptLayout.ENTRIES];

    /// Whether somebody has one of these pages in a way that excludes us.
    boolean exclude(long from, long to, boolean write) {
        return overlaps(WRITES, 0, from, to)
                || overlaps(WRITES + 1, Long.SIZE, from, to)
                || overlaps(UNSETTLED, FIRST_UNSETTLED, from, to)
                || (write
                        && (overlaps(READS, 0, from, to)
                                || overlaps(READS + 1, Long.SIZE, from, to)));
    }

    private boolean overlaps(int word, int base, long from, long to) {
        long bits = (long) WORDS.getVolatile(words, word);
        while (bits != 0) {
            int claim = base + Long.numberOfTrailingZeros(bits);
            if (first[claim] < to && end[claim] > from) {
                return true;
            }
            bits &= bits - 1;
        }
        return false;
    }

    void claim(int slot, long from, long to, boolean write) {
        first[slot] = from;
        end[slot] = to;
        set((write ? WRITES : READS) + slot / Long.SIZE, slot);
    }

    void release(int slot, boolean write) {
        clear((write ? WRITES : READS) + slot / Long.SIZE, slot);
    }

    /// Turns a slot's claim into one of the journal's entry.
    void handOver(int slot, int entry) {
        claimUnsettled(entry, first[slot], end[slot]);
        release(slot, true);
    }

    void claimUnsettled(int entry, long from, long to) {
        first[FIRST_UNSETTLED + entry] = from;
        end[FIRST_UNSETTLED + entry] = to;
        set(UNSETTLED, entry);
    }

    void settled(int entry) {
        clear(UNSETTLED, entry);
    }

    /// An entry to be settled, or -1.
    int anyUnsettled() {
        long entries = (long) WORDS.getVolatile(words, UNSETTLED);
        return entries == 0 ? -1 : Long.numberOfTrailingZeros(entries);
    }

    private void set(int word, int bit) {
        var _ = (long) WORDS.getAndBitwiseOr(words, word, 1L << bit);
    }

    private void clear(int word, int bit) {
        var _ = (long) WORDS.getAndBitwiseAnd(words, word, ~(1L << bit));
    }
}
