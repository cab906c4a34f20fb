package io.memfabric.benchmark;

import java.util.List;

/// A pattern of requests.
///
/// @param block the length of each request, in bytes
/// @param depth how many are in flight
/// @param readPercent the share of reads, the rest are writes
record Load(String name, boolean sequential, int block, int depth, int readPercent) {

    private static final int PAGE = 4 << 10;
    private static final int LARGE = 128 << 10;

    static final List<Load> ALL =
            List.of(
                    new Load("rr1", false, PAGE, 1, 100),
                    new Load("rr16", false, PAGE, 16, 100),
                    new Load("rr64", false, PAGE, 64, 100),
                    new Load("rw1", false, PAGE, 1, 0),
                    new Load("rw16", false, PAGE, 16, 0),
                    new Load("mx16", false, PAGE, 16, 70),
                    new Load("sr128", true, LARGE, 4, 100),
                    new Load("sw128", true, LARGE, 4, 0));

    static Load named(String name) {
        return ALL.stream()
                .filter(load -> load.name().equals(name))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no such load: " + name));
    }
}
