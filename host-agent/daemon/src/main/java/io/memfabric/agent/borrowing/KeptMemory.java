package io.memfabric.agent.borrowing;

/// Memory that is read and written in words of eight bytes, in this machine's order of bytes.
///
/// A process that dies leaves every word that it wrote before, and no word that it would have
/// written later: stores are not reordered, and none is ever half done.
public interface KeptMemory {

    long bytes();

    /// The word at an offset that is a multiple of eight.
    long getLong(long offset);

    /// Stores the word at an offset that is a multiple of eight.
    void putLong(long offset, long value);
}
