package io.memfabric.agent.guest;

import java.time.Duration;

/// How long the host waits for what with a guest.
///
/// @param reconnect between two connections
/// @param silence without a frame, until a connection is given up
/// @param banned after malformed frames, until the next connection
record GuestPatience(Duration reconnect, Duration silence, Duration banned) {

    static final GuestPatience NORMAL =
            new GuestPatience(
                    Duration.ofSeconds(1), Duration.ofSeconds(30), Duration.ofSeconds(60));
}
