package io.memfabric.agent.borrowing;

import org.jspecify.annotations.Nullable;

/// Where one leg of an extent lies.
///
/// @param exportName the region's name
/// @param link who sees to its connection
/// @param leg the connection, as long as there was one
/// @param base where the extent begins on that connection
record MirrorWay(String exportName, MirrorLink link, @Nullable Leg leg, long base) {

    /// The same leg on another connection.
    MirrorWay over(Leg fresh, long at) {
        return new MirrorWay(exportName, link, fresh, at);
    }

    Leg connection() {
        Leg there = leg;
        if (there == null) {
            throw new IllegalStateException("a leg that was never connected");
        }
        return there;
    }

    boolean submit(int slot, long offset) {
        return connection().submit(slot, base + offset);
    }

    void send(int slot, long offset) {
        connection().send(slot, base + offset);
    }
}
