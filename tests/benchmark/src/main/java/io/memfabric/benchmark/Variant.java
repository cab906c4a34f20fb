package io.memfabric.benchmark;

import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/// How our data path is set up.
enum Variant {
    PLAIN(1, false),
    SEALED(1, true);

    private final int copies;
    private final boolean sealed;

    Variant(int copies, boolean sealed) {
        this.copies = copies;
        this.sealed = sealed;
    }

    /// On so many lenders each page lies.
    int copies() {
        return copies;
    }

    boolean isSealed() {
        return sealed;
    }

    /// Whom it is compared with; the first is the usual way to do without us.
    List<Peer> peers() {
        return List.of(Peer.PROXY, Peer.TUNED, Peer.FLOOR);
    }

    static Variant named(String label) {
        return Stream.of(values())
                .filter(variant -> variant.label().equals(label))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no such variant: " + label));
    }

    String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
