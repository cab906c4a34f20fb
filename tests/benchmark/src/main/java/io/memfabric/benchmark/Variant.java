package io.memfabric.benchmark;

import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/// How our data path is set up.
enum Variant {
    PLAIN(1, false, false),
    SEALED(1, true, false),
    MIRRORED_SEALED(2, true, false),
    TLS(1, true, true);

    private final int copies;
    private final boolean sealed;
    private final boolean tls;

    Variant(int copies, boolean sealed, boolean tls) {
        this.copies = copies;
        this.sealed = sealed;
        this.tls = tls;
    }

    /// On so many lenders each page lies.
    int copies() {
        return copies;
    }

    boolean isSealed() {
        return sealed;
    }

    /// Whether the connections between hosts are sealed too.
    boolean isTls() {
        return tls;
    }

    /// Whom it is compared with; the first is the usual way to do without us.
    List<Peer> peers() {
        return tls ? List.of(Peer.PROXY_TLS) : List.of(Peer.PROXY, Peer.TUNED, Peer.FLOOR);
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
