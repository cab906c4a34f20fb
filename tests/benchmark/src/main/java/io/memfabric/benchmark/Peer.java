package io.memfabric.benchmark;

import java.util.Locale;

/// What an operator could use today, and what the design costs without Java.
enum Peer {
    /// nbdkit's NBD proxy before nbdkit's memory plugin, as Debian has them.
    PROXY,
    /// The same, with TLS between the hosts.
    PROXY_TLS,
    /// One thread of nbdkit behind a socat that moves large pieces: the strongest that can be put
    /// together.
    TUNED,
    /// The same design in C, without anything that could be left out.
    FLOOR;

    String label() {
        return name().toLowerCase(Locale.ROOT);
    }
}
