package io.memfabric.agent.borrowing;

/// Words that end with the process, where nothing needs to outlive it.
final class HeapWords implements KeptMemory {

    private final long[] words;

    HeapWords(long bytes) {
        words = new long[Math.toIntExact(bytes / Long.BYTES)];
    }

    @Override
    public long bytes() {
        return (long) words.length * Long.BYTES;
    }

    @Override
    public long getLong(long offset) {
        return words[(int) (offset / Long.BYTES)];
    }

    @Override
    public void putLong(long offset, long value) {
        words[(int) (offset / Long.BYTES)] = value;
    }
}
