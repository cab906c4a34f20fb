package io.memfabric.agent.policy;

import io.memfabric.agent.policy.VmMemory.Strain;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/// How a guest's kernel has fared lately, from the growth of its counters and smoothed over some
/// seconds. A balloon that grows makes its guest's kernel wait by itself, and what it took too much
/// is read back in a burst: neither is distress. What goes on once the balloon rests is.
///
/// @param heard the counters when the daemon last spoke
/// @param stallMicrosPerSecond what the guest waited while its balloon rested
/// @param refaultsPerSecond pages that it read again
/// @param strainedSince since when it has been strained without a break, or null
/// @param quietSince since when its balloon has rested
record Distress(
        Heard heard,
        long stallMicrosPerSecond,
        long refaultsPerSecond,
        @Nullable Duration strainedSince,
        Duration quietSince) {

    private static final Duration NEVER = Duration.ofDays(-365);

    static final Distress NONE = new Distress(Heard.NOTHING, 0, 0, null, Duration.ZERO);

    /// A stall of 0.4 %, or 100 pages a second: below the 1 % that a guest's owner would notice.
    private static final long STALL = 4_000;

    private static final long REFAULTS = 100;

    /// 10 %: systemd-oomd acts at 60 %, which is too late for memory of its own.
    private static final long PRESSURE = 100_000;

    private static final long PRESSURE_CENTIPERCENT = 1000;

    /// Four seconds of nothing but waiting: no balloon alone does that.
    private static final long THRASHING_CENTIPERCENT = 3500;

    /// A guest that waits for memory 2 % of the time is not idle.
    private static final long CALM_CENTIPERCENT = 200;

    /// A balloon that last moved so long ago has nothing to do with a stall any more.
    private static final Duration RESTED = Duration.ofSeconds(2);

    /// PSI's shortest average remembers for so long what a move of the balloon did to it.
    private static final Duration AVERAGE_FORGETS = Duration.ofSeconds(15);

    /// A burst of refaults is over by then.
    private static final Duration LASTING = Duration.ofSeconds(4);

    /// Five times as much is no small burst, and every second of it counts.
    private static final Duration LASTING_WHERE_SEVERE = Duration.ofMillis(1500);

    private static final int SEVERE = 5;

    private static final double SMOOTHING_MILLIS = 2000;

    /// The counters of a daemon's report and when it came.
    record Heard(Duration at, long stallMicros, long refaultPages) {
        static final Heard NOTHING = new Heard(NEVER, 0, 0);
    }

    /// Takes a report's counters in. A counter that jumped back says nothing about the time between.
    ///
    /// @param movedAt when its balloon last moved
    Distress observed(@Nullable Strain strain, Duration movedAt, Duration now) {
        if (strain == null) {
            return new Distress(heard, 0, 0, null, movedAt);
        }
        Duration at = now.minus(strain.age());
        long millis = at.minus(heard.at()).toMillis();
        if (millis < 200) {
            return quietSince.equals(movedAt)
                    ? this
                    : new Distress(
                            heard, stallMicrosPerSecond, refaultsPerSecond, strainedSince, movedAt);
        }
        long stalled = strain.stallMicros() - heard.stallMicros();
        long refaulted = strain.refaultPages() - heard.refaultPages();
        boolean comparable =
                millis < 10_000 && stalled >= 0 && refaulted >= 0 && stalled <= millis * 2000;
        boolean rested = heard.at().minus(movedAt).compareTo(RESTED) >= 0;
        long stall = comparable && rested ? smoothed(stallMicrosPerSecond, stalled, millis) : 0;
        long refaults = comparable ? smoothed(refaultsPerSecond, refaulted, millis) : 0;
        boolean strained = stall > STALL || refaults > REFAULTS;
        return new Distress(
                new Heard(at, strain.stallMicros(), strain.refaultPages()),
                stall,
                refaults,
                !strained ? null : strainedSince == null ? now : strainedSince,
                movedAt);
    }

    private static long smoothed(long before, long grown, long millis) {
        double share = 1 - Math.exp(-millis / SMOOTHING_MILLIS);
        return Math.round(before + share * (grown * 1000.0 / millis - before));
    }

    /// Whether this is no moment to take more.
    boolean isStrained() {
        return strainedSince != null;
    }

    /// Whether it lasts: no burst and no balloon's move, but memory that is missing.
    boolean lasts(Duration now) {
        boolean severe =
                stallMicrosPerSecond > SEVERE * STALL || refaultsPerSecond > SEVERE * REFAULTS;
        Duration enough = severe ? LASTING_WHERE_SEVERE : LASTING;
        return strainedSince != null && now.minus(strainedSince).compareTo(enough) >= 0;
    }

    /// Whether the guest waits for memory so much that it needs all it can get.
    boolean isPressed(@Nullable Strain strain, Duration now) {
        if (strain == null) {
            return false;
        }
        return stallMicrosPerSecond > PRESSURE
                || strain.pressureCentipercent() > THRASHING_CENTIPERCENT
                || (strain.pressureCentipercent() > PRESSURE_CENTIPERCENT && averageCounts(now));
    }

    /// Whether the guest's own average of its waiting speaks against taking more.
    boolean isUneasy(@Nullable Strain strain, Duration now) {
        return strain != null
                && strain.pressureCentipercent() > CALM_CENTIPERCENT
                && averageCounts(now);
    }

    private boolean averageCounts(Duration now) {
        return now.minus(quietSince).compareTo(AVERAGE_FORGETS) >= 0;
    }
}
