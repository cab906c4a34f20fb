package io.memfabric.agent.policy;

import java.time.Duration;
import java.util.Arrays;

/// What a VM needed at each hour of the day, as quantiles of its past days; tells how long its memory
/// may be lent. Old days fade: each new hour counts as much as all before it together.
public final class DailyPattern {

    private static final int HOURS = 24;
    private static final int PARTS = 16;
    private static final double FADE = 0.5;
    private static final double A_FEW_MINUTES = 300;

    /// For every hour, how many seconds the demand lay in each sixteenth of the ceiling.
    private final double[][] counts;

    private DailyPattern(double[][] counts) {
        this.counts = Arrays.stream(counts).map(double[]::clone).toArray(double[][]::new);
    }

    /// Nothing is known yet.
    public static DailyPattern unknown() {
        return new DailyPattern(new double[HOURS][PARTS]);
    }

    /// Adds an hour's demand, one count a second.
    ///
    /// @param hour 0 to 23
    /// @param seconds how long the demand lay in each sixteenth of the ceiling
    public DailyPattern with(int hour, double[] seconds) {
        DailyPattern next = new DailyPattern(counts);
        for (int part = 0; part < PARTS; part++) {
            next.counts[hour][part] = next.counts[hour][part] * FADE + seconds[part];
        }
        return next;
    }

    /// The sixteenth of the ceiling that a demand lies in.
    public static int part(long demandBytes, long ceilingBytes) {
        return Math.clamp(demandBytes * PARTS / Math.max(1, ceilingBytes), 0, PARTS - 1);
    }

    /// The demand that is not exceeded for this share of the hour; the ceiling for an hour that is
    /// not known.
    public long quantile(int hour, double share, long ceilingBytes) {
        double[] parts = counts[hour];
        double all = Arrays.stream(parts).sum();
        if (all < A_FEW_MINUTES) {
            return ceilingBytes;
        }
        double seen = 0;
        for (int part = 0; part < PARTS; part++) {
            seen += parts[part];
            if (seen >= share * all) {
                return ceilingBytes / PARTS * (part + 1);
            }
        }
        return ceilingBytes;
    }

    /// For how long so much may be lent: until the first hour in which the VM needed it for more
    /// than 1 % of the time. Whole hours, a day at most.
    public Duration lendable(long bytes, int hour, long ceilingBytes) {
        for (int ahead = 0; ahead < HOURS; ahead++) {
            int then = (hour + ahead) % HOURS;
            if (ceilingBytes - quantile(then, 0.99, ceilingBytes) < bytes) {
                return Duration.ofHours(ahead);
            }
        }
        return Duration.ofHours(HOURS);
    }
}
