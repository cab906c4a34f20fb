package io.memfabric.agent.borrowing;

import java.util.Arrays;

/// How long a leg's latest reads took. One thread adds; what others see may lack the latest.
final class Latencies {

    private static final int KEPT = 128;
    private static final int LATEST = 16;
    private static final int FEWEST = 4;

    private final long[] nanos = new long[KEPT];
    private final long[] sorted = new long[KEPT];
    private int added;

    void add(long took) {
        nanos[added % KEPT] = took;
        added = added == Integer.MAX_VALUE ? KEPT : added + 1;
    }

    /// Forgets all.
    void clear() {
        added = 0;
    }

    /// Of the last 16 reads, or 0 where there were fewer than 4. For one asking thread.
    long median() {
        int end = added;
        int size = Math.min(end, LATEST);
        if (size < FEWEST) {
            return 0;
        }
        for (int i = 0; i < size; i++) {
            sorted[i] = nanos[(end - 1 - i) % KEPT];
        }
        Arrays.sort(sorted, 0, size);
        return sorted[size / 2];
    }

    /// Of the last 128 reads, or 0 where there were fewer than 16. For one asking thread.
    long percentile99() {
        int size = Math.min(added, KEPT);
        if (size < LATEST) {
            return 0;
        }
        System.arraycopy(nanos, 0, sorted, 0, size);
        Arrays.sort(sorted, 0, size);
        return sorted[size - 1 - size / 100];
    }
}
