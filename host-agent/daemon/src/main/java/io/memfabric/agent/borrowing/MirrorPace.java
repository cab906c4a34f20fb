package io.memfabric.agent.borrowing;

import java.util.concurrent.TimeUnit;

/// How fast mirrors do what nobody waits for, and how long they wait for what somebody does.
///
/// @param resyncBytesPerSecond the most that is copied to legs that lack pages
/// @param scrubBytesPerSecond how much is compared, each leg, while the device is idle; 0 for never
public record MirrorPace(long resyncBytesPerSecond, long scrubBytesPerSecond) {

    /// Resync at 200 MiB/s; a scrub of each GiB in less than nine minutes.
    public static final MirrorPace USUAL = new MirrorPace(200L << 20, 2L << 20);

    private static final long HEDGE_FLOOR = TimeUnit.MILLISECONDS.toNanos(2);

    /// With [Mirrors]' round of 50 ms a lender's silence ends within half a second.
    private static final long DEADLINE = TimeUnit.MILLISECONDS.toNanos(400);

    /// For a leg that answers, but not this request.
    private static final long PATIENCE = TimeUnit.SECONDS.toNanos(5);

    /// How long a read may take before the other leg is asked: twice what nearly all reads take at
    /// the better leg.
    static long hedgeAfter(Latencies first, Latencies second) {
        long one = first.percentile99();
        long other = second.percentile99();
        long better = one == 0 || other == 0 ? Math.max(one, other) : Math.min(one, other);
        return Math.max(2 * better, HEDGE_FLOOR);
    }

    static boolean mayNeedHedge(long waited) {
        return waited >= HEDGE_FLOOR;
    }

    static boolean mayBeLate(long waited) {
        return waited > DEADLINE;
    }

    static boolean isLate(long waited, long silent) {
        return waited > DEADLINE && (silent > DEADLINE || waited > PATIENCE);
    }
}
