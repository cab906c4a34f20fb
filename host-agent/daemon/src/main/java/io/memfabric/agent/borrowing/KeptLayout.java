package io.memfabric.agent.borrowing;

import io.memfabric.contract.vocabulary.FabricLimits;

/// Where what lies in a grant's kept memory. All is in words of eight bytes, in the machine's order:
/// the memory never leaves the host.
///
/// | Section | Bytes | What |
/// |---|---|---|
/// | header | 4096 | see the constants; the magic is written last |
/// | records | 24 a page | counter (0: the page reads as zeros), tag in two words |
/// | journal | 64 × 6208 | the writes that are under way, see below |
/// | mirror | 4160 an extent | the states of two legs in 64 bytes, a bit a page for each leg, see [MirrorSection] |
///
/// Each section begins at a multiple of 4096. An entry of the journal: state, first page, count, in
/// 64 bytes; then as many records as the longest write has pages. An entry is filled, then its state
/// set to pending, then the write sent; when it is answered its records become the pages', then its
/// state is set to free, then the answer is passed on. So at any instant a page is what its record
/// says or what a pending entry says of it.
///
/// @param sizeBytes the size of the grant's device
record KeptLayout(long sizeBytes) {

    /// `MFKEPT` and the version, 1. In the other order of bytes it is another number.
    static final long MAGIC_AND_VERSION = 0x4d464b4550540001L;

    static final long MAGIC = 0;
    static final long TOTAL_BYTES = 8;
    static final long GRANT_HIGH = 16;
    static final long GRANT_LOW = 24;
    static final long SIZE = 32;
    static final long EPOCH = 40;

    /// 32 bits, the first part of each nonce.
    static final long KEY_GENERATION = 48;

    /// No counter above this was ever used under this key.
    static final long COUNTER_HIGH_WATER = 56;

    /// 32 bytes.
    static final long KEY = 64;

    static final int KEY_BYTES = 32;

    /// Whose the grant is; zeros where that was not known when it began.
    static final long TENANT_HIGH = 96;

    static final long TENANT_LOW = 104;

    static final int PAGE = 4096;
    static final int RECORD = 24;
    static final int TAG_HIGH = 8;
    static final int TAG_LOW = 16;

    static final int ENTRIES = 64;
    static final int ENTRY_PAGES = Requests.MAX_PAYLOAD / PAGE;
    static final int ENTRY_STATE = 0;
    static final int ENTRY_FIRST = 8;
    static final int ENTRY_COUNT = 16;

    private static final int ENTRY_RECORDS = 64;

    private static final int ENTRY = ENTRY_RECORDS + ENTRY_PAGES * RECORD;

    static final int MIRROR_STATES = 64;

    /// One leg's bitmap, a bit a page.
    static final int MIRROR_BITMAP = (int) (FabricLimits.REGION.bytes() / PAGE / Byte.SIZE);

    static final int MIRROR_EXTENT = MIRROR_STATES + 2 * MIRROR_BITMAP;

    static final long PAGES_OF_EXTENT = FabricLimits.REGION.bytes() / PAGE;

    long pages() {
        return sizeBytes / PAGE;
    }

    long record(long page) {
        return PAGE + page * RECORD;
    }

    private long journal() {
        return aligned(record(pages()));
    }

    long entry(int index) {
        return journal() + (long) index * ENTRY;
    }

    /// The record of an entry's `index`th page.
    long entryRecord(int entry, int index) {
        return entry(entry) + ENTRY_RECORDS + (long) index * RECORD;
    }

    long mirror(long extent) {
        return aligned(entry(ENTRIES)) + extent * MIRROR_EXTENT;
    }

    long totalBytes() {
        return aligned(mirror(sizeBytes / FabricLimits.REGION.bytes()));
    }

    private static long aligned(long offset) {
        return (offset + PAGE - 1) / PAGE * PAGE;
    }
}
