package io.memfabric.lab.demo;

import io.memfabric.contract.vocabulary.MemorySize;
import java.util.Locale;

/// Sizes for people.
final class Sizes {

    private static final double MIB = MemorySize.ofMib(1).bytes();

    private Sizes() {}

    static String mib(MemorySize size) {
        return String.format(Locale.ROOT, "%.0f MiB", size.bytes() / MIB);
    }

    static String kib(MemorySize size) {
        return size.bytes() / 1024 + " KiB";
    }
}
