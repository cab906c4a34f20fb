package io.memfabric.agent.borrowing;

import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/// Finds the lenders that hold everybody up, by comparing the two of an extent; for the keeper's
/// thread alone.
final class SlowLenders {

    /// How much slower than its peer a lender may be, and for how long, before it is left.
    private static final int SLOW = 5;

    private static final long SLOW_FLOOR = TimeUnit.MILLISECONDS.toNanos(5);
    private static final long PATIENCE = TimeUnit.SECONDS.toNanos(2);

    /// The links that were slower than their peers in this review.
    private final Set<MirrorLink> slow = new HashSet<>();

    /// Compares two lenders of the same extent.
    void compare(MirrorLink one, MirrorLink other) {
        long mine = one.latencies().median();
        long others = other.latencies().median();
        if (mine > 0 && others > 0) {
            boolean isMine = mine > SLOW * others && mine > SLOW_FLOOR;
            boolean isOthers = others > SLOW * mine && others > SLOW_FLOOR;
            if (isMine || isOthers) {
                slow.add(isMine ? one : other);
            }
        }
    }

    /// Ends the connections to lenders that have been slow for long enough, and the review.
    void leave(List<MirrorLink> links) {
        long now = System.nanoTime();
        for (MirrorLink link : links) {
            if (!slow.contains(link)) {
                link.slowSince = 0;
            } else if (link.slowSince == 0) {
                link.slowSince = now;
            } else if (now - link.slowSince > PATIENCE) {
                link.slowSince = 0;
                link.demote();
            }
        }
        slow.clear();
    }
}
