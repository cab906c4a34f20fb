package io.memfabric.agent.borrowing;

import java.util.concurrent.atomic.AtomicLong;

/// The writes whose outcome is open, in kept memory. Any thread that holds an entry uses it; one
/// thread at a time takes entries, any gives them back.
final class WriteJournal {

    static final long FREE = 0;
    static final long PENDING = 1;

    private final KeptMemory memory;
    private final KeptLayout layout;
    private final AtomicLong free = new AtomicLong();

    static {
        assert KeptLayout.ENTRIES == Long.SIZE;
    }

    WriteJournal(KeptGrant grant) {
        memory = grant.memory();
        layout = grant.layout();
        long found = 0;
        for (int entry = 0; entry < KeptLayout.ENTRIES; entry++) {
            if (memory.getLong(layout.entry(entry)) == FREE) {
                found |= 1L << entry;
            }
        }
        free.set(found);
    }

    /// The entries that an earlier process left pending, or that are taken.
    long taken() {
        return ~free.get();
    }

    boolean hasFree() {
        return free.get() != 0;
    }

    /// Takes an entry for a write; there is a free one.
    int take(long first, long count) {
        int entry = Long.numberOfTrailingZeros(free.get());
        free.getAndAdd(-(1L << entry));
        memory.putLong(layout.entry(entry) + KeptLayout.ENTRY_FIRST, first);
        memory.putLong(layout.entry(entry) + KeptLayout.ENTRY_COUNT, count);
        return entry;
    }

    /// Notes what the `index`th page of the entry will be.
    void note(int entry, int index, PageRecord record) {
        record.write(memory, layout.entryRecord(entry, index));
    }

    /// From now on the pages may be what the entry says.
    void pend(int entry) {
        memory.putLong(layout.entry(entry) + KeptLayout.ENTRY_STATE, PENDING);
    }

    long first(int entry) {
        return memory.getLong(layout.entry(entry) + KeptLayout.ENTRY_FIRST);
    }

    int count(int entry) {
        return (int) memory.getLong(layout.entry(entry) + KeptLayout.ENTRY_COUNT);
    }

    PageRecord read(int entry, int index, PageRecord into) {
        return into.read(memory, layout.entryRecord(entry, index));
    }

    /// Makes the `index`th page what the entry says.
    void install(int entry, int index, PageRecord scratch) {
        read(entry, index, scratch).write(memory, layout.record(first(entry) + index));
    }

    /// The write has been carried out everywhere.
    void complete(int entry, PageRecord scratch) {
        int count = count(entry);
        for (int i = 0; i < count; i++) {
            install(entry, i, scratch);
        }
        settle(entry);
        giveBack(entry);
    }

    /// What the pages are is in their records now.
    void settle(int entry) {
        memory.putLong(layout.entry(entry) + KeptLayout.ENTRY_STATE, FREE);
    }

    /// The entry may be taken again.
    void giveBack(int entry) {
        free.getAndAdd(1L << entry);
    }
}
