package io.memfabric.simulation;

/// Watches one guest and counts.
final class Judge {

    private static final double PRESSURE = 0.01;

    private final Guest guest;
    private final Oracle oracle;
    private double shortSince = -1;
    private boolean excused;
    private double oracleSum;
    private double takenSum;
    private long pressed;
    private long wakeUps;
    private long returned;

    Judge(Guest guest, Oracle oracle) {
        this.guest = guest;
        this.oracle = oracle;
    }

    /// After a step: does the guest need memory that was taken, since when, is it back?
    void step(int second, double now) {
        Trace trace = guest.trace();
        boolean isShort = guest.size() < trace.ceiling() && trace.workload(second) > guest.size();
        if (isShort && shortSince < 0) {
            float before = trace.anon()[Math.max(0, second - 1)];
            // Only demand that rises is a wake-up; a probe that went too far is pressure.
            if (trace.anon()[second] - before > 8) {
                shortSince = now;
                excused = guest.isStuck();
            }
        } else if (!isShort && shortSince >= 0) {
            closed(now - shortSince);
        }
        excused |= isShort && guest.isStuck();
    }

    private void closed(double seconds) {
        if (!excused) {
            wakeUps++;
            if (seconds <= Oracle.GIVE_BACK) {
                returned++;
            }
        }
        shortSince = -1;
    }

    /// After a second.
    void second(int second) {
        boolean suffers = guest.stall() > PRESSURE;
        double best = oracle.takenAt(second);
        oracleSum += best;
        if (suffers) {
            pressed++;
        } else {
            takenSum += Math.min(best, guest.trace().ceiling() - guest.size());
        }
    }

    Score score() {
        return new Score(guest.trace().seconds(), oracleSum, takenSum, pressed, wakeUps, returned);
    }
}
