package io.memfabric.simulation;

/// What XAPI's squeezed publishes: every VM lies between its dynamic minimum and maximum, and all
/// stand at the same share of their range, so that the memory that is wanted becomes free. It does
/// not ask what a guest uses.
///
/// Source: the design documents of squeezed. A fifth of the host's memory is wanted, as with the
/// other rules; the minimum is half of the maximum, and the targets are settled every 10 s.
final class SqueezedRule implements Rule {

    private static final int CYCLE = 10;
    private static final double WANTED = 0.20;
    private static final double DYNAMIC_MIN = 0.5;

    @Override
    public void tick(SimulatedHost host, int second) {
        if (second % CYCLE != 0) {
            return;
        }
        double range = 0;
        double least = 0;
        for (Guest guest : host.guests()) {
            least += DYNAMIC_MIN * guest.trace().ceiling();
            range += (1 - DYNAMIC_MIN) * guest.trace().ceiling();
        }
        double given = (1 - WANTED) * host.totalCeilings() - least;
        double share = Math.clamp(given / range, 0, 1);
        for (Guest guest : host.guests()) {
            double ceiling = guest.trace().ceiling();
            guest.target(ceiling * (DYNAMIC_MIN + share * (1 - DYNAMIC_MIN)));
        }
    }
}
