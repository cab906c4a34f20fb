package io.memfabric.simulation;

/// What oVirt's Memory Overcommit Manager publishes as its balloon policy, for a host whose memory
/// is fully promised: under host pressure a guest shrinks by at most 5 % a cycle, down to what it
/// uses plus a fifth; without pressure a guest that has less than a fifth free grows by 5 %.
///
/// Source: `balloon.rules` of MOM and its explanation on ovirt.org. A cycle takes 10 s.
final class MomRule implements Rule {

    private static final int CYCLE = 10;
    private static final double HOST_FREE = 0.20;
    private static final double HOST_CRITICAL = 0.05;
    private static final double GUEST_FREE = 0.20;
    private static final double CHANGE = 0.05;
    private static final double LEAST_CHANGE = 0.0025;
    private static final double FLOOR = 256;

    @Override
    public void tick(SimulatedHost host, int second) {
        if (second % CYCLE != 0) {
            return;
        }
        double free = 1 - host.totalSizes() / host.totalCeilings();
        for (Guest guest : host.guests()) {
            double size = guest.size();
            double used = size - guest.unused();
            if (free < HOST_FREE) {
                double keep = free < HOST_CRITICAL ? 0.05 : GUEST_FREE;
                double least = Math.max(FLOOR, used + keep * size);
                move(guest, Math.max(least, size * (1 - CHANGE)), false);
            } else if (guest.unused() < GUEST_FREE * size) {
                double most = Math.min(guest.trace().ceiling(), used + GUEST_FREE * size);
                move(guest, Math.min(Math.max(most, size), size * (1 + CHANGE)), true);
            }
        }
    }

    private static void move(Guest guest, double to, boolean grow) {
        if ((to > guest.size()) == grow
                && Math.abs(to - guest.size()) > LEAST_CHANGE * guest.size()) {
            guest.target(to);
        }
    }
}
