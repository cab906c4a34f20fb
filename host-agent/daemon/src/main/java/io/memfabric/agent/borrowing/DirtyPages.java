package io.memfabric.agent.borrowing;

import io.memfabric.contract.vocabulary.FabricLimits;
import java.util.function.IntPredicate;

/// The pages of an extent that a leg lacks, one bit each, in memory that may outlive the process.
final class DirtyPages {

    static final int PAGE = 4096;
    static final int PAGES = (int) (FabricLimits.REGION.bytes() / PAGE);

    /// The size of the memory.
    static final int BYTES = PAGES / Byte.SIZE;

    private final KeptMemory memory;
    private final long start;
    private int count;

    /// @param start where in the memory the [#BYTES] bytes with what is known begin
    DirtyPages(KeptMemory memory, long start) {
        this.memory = memory;
        this.start = start;
        for (int at = 0; at < BYTES; at += Long.BYTES) {
            count += Long.bitCount(memory.getLong(start + at));
        }
    }

    /// None, in memory that ends with the process.
    static DirtyPages none() {
        return new DirtyPages(new HeapWords(BYTES), 0);
    }

    int count() {
        return count;
    }

    boolean isEmpty() {
        return count == 0;
    }

    boolean isDirty(int page) {
        return (word(page) >>> page & 1) != 0;
    }

    /// Adds every page that these bytes touch.
    void add(long offset, long length) {
        int end = pagesIn(offset + length + PAGE - 1);
        for (int page = pagesIn(offset); page < end; page++) {
            set(page, true);
        }
    }

    void addAll(IntPredicate pages) {
        for (int page = 0; page < PAGES; page++) {
            if (pages.test(page)) {
                set(page, true);
            }
        }
    }

    /// Takes away every page that these bytes cover.
    void remove(long offset, long length) {
        int end = pagesIn(offset + length);
        for (int page = pagesIn(offset + PAGE - 1); page < end; page++) {
            set(page, false);
        }
    }

    boolean touches(long offset, long length) {
        if (count == 0) {
            return false;
        }
        int next = next(pagesIn(offset));
        return next >= 0 && (long) next * PAGE < offset + length;
    }

    /// The first such page of at least `from`, or -1.
    int next(int from) {
        int page = from;
        while (page < PAGES) {
            long left = word(page) >>> page;
            if (left != 0) {
                return page + Long.numberOfTrailingZeros(left);
            }
            page = (page | Long.SIZE - 1) + 1;
        }
        return -1;
    }

    private static int pagesIn(long bytes) {
        return (int) (bytes / PAGE);
    }

    private long at(int page) {
        return start + (long) (page / Long.SIZE) * Long.BYTES;
    }

    private long word(int page) {
        return memory.getLong(at(page));
    }

    private void set(int page, boolean dirty) {
        if (isDirty(page) != dirty) {
            memory.putLong(at(page), word(page) ^ 1L << page);
            count += dirty ? 1 : -1;
        }
    }
}
