package io.memfabric.system;

import java.util.List;

/// How long things took, in a line.
final class Percentiles {

    private Percentiles() {}

    /// @param nanos in any order
    static String of(List<Long> nanos) {
        List<Long> sorted = nanos.stream().sorted().toList();
        return "p50 %d ms, p99 %d ms, max %d ms"
                .formatted(millis(sorted, 0.5), millis(sorted, 0.99), millis(sorted, 1));
    }

    private static long millis(List<Long> sorted, double share) {
        int index = (int) Math.ceil(share * sorted.size()) - 1;
        return sorted.isEmpty() ? 0 : sorted.get(Math.max(0, index)) / 1_000_000;
    }
}
