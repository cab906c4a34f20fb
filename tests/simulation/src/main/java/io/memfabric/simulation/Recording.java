package io.memfabric.simulation;

/// One VM's day in few points, for a plot. Sizes in MiB.
final class Recording {

    static final int POINTS = 1440;

    private final int every;
    private final double[] demand = new double[POINTS];
    private final double[] target = new double[POINTS];
    private final double[] actual = new double[POINTS];
    private final double[] pressure = new double[POINTS];
    private final double[] oracle = new double[POINTS];
    private final Oracle knows;

    Recording(Trace trace) {
        every = Math.max(1, Math.ceilDiv(trace.seconds(), POINTS));
        knows = new Oracle(trace, Mib.of(ProductionRule.RULES.floor().bytes()));
    }

    /// Keeps the largest of each point's demand and pressure, and the last of the rest.
    void note(Guest guest, int second) {
        int point = second / every;
        Trace trace = guest.trace();
        demand[point] = Math.max(demand[point], trace.need(second));
        pressure[point] = Math.max(pressure[point], guest.stall());
        target[point] = guest.target();
        actual[point] = guest.size();
        oracle[point] = trace.ceiling() - knows.takenAt(second);
    }

    double[] demand() {
        return demand;
    }

    double[] target() {
        return target;
    }

    double[] actual() {
        return actual;
    }

    double[] pressure() {
        return pressure;
    }

    double[] oracle() {
        return oracle;
    }

    int secondsAPoint() {
        return every;
    }
}
