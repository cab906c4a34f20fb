package io.memfabric.agent.borrowing;

/// What a page was sealed with, read from kept memory again and again into the same object.
final class PageRecord {

    long counter;
    long tagHigh;
    long tagLow;

    /// Reads the record that lies at `offset`.
    PageRecord read(KeptMemory memory, long offset) {
        counter = memory.getLong(offset);
        tagHigh = memory.getLong(offset + KeptLayout.TAG_HIGH);
        tagLow = memory.getLong(offset + KeptLayout.TAG_LOW);
        return this;
    }

    /// Writes it to `offset`, the counter last: a page without counter reads as zeros until all of it
    /// is there.
    void write(KeptMemory memory, long offset) {
        memory.putLong(offset + KeptLayout.TAG_HIGH, tagHigh);
        memory.putLong(offset + KeptLayout.TAG_LOW, tagLow);
        memory.putLong(offset, counter);
    }
}
