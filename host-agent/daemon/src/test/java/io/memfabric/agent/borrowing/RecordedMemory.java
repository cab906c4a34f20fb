package io.memfabric.agent.borrowing;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Kept memory in an array. It can keep what it looked like after each store, which is what a
/// process that is killed there leaves behind.
final class RecordedMemory implements KeptMemory {

    private final long[] words;
    private @Nullable List<RecordedMemory> history;

    RecordedMemory(long bytes) {
        words = new long[(int) (bytes / Long.BYTES)];
    }

    private RecordedMemory(long[] words) {
        this.words = words;
    }

    synchronized RecordedMemory copy() {
        return new RecordedMemory(words.clone());
    }

    RecordedMemory truncated(long bytes) {
        return new RecordedMemory(java.util.Arrays.copyOf(words, (int) (bytes / Long.BYTES)));
    }

    /// From now on remembers.
    synchronized List<RecordedMemory> record() {
        List<RecordedMemory> fresh = new ArrayList<>();
        fresh.add(copy());
        history = fresh;
        return fresh;
    }

    synchronized void stopRecording() {
        history = null;
    }

    @Override
    public long bytes() {
        return (long) words.length * Long.BYTES;
    }

    @Override
    public synchronized long getLong(long offset) {
        return words[(int) (offset / Long.BYTES)];
    }

    @Override
    public synchronized void putLong(long offset, long value) {
        words[(int) (offset / Long.BYTES)] = value;
        if (history != null) {
            history.add(copy());
        }
    }
}
