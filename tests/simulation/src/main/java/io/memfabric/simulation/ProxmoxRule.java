package io.memfabric.simulation;

import java.util.ArrayList;
import java.util.List;

/// What Proxmox VE's manual says of automatic memory allocation: every 10 s the host is steered to
/// 80 % use; memory beyond each VM's minimum is split by shares, and no VM changes by more than
/// 100 MiB a cycle. VMs with memory to spare give first, VMs without get first.
///
/// Source: Proxmox VE administration guide, "Memory"; every VM has the same shares here, and half of
/// its memory as its minimum, for the manual leaves the minimum to the operator.
final class ProxmoxRule implements Rule {

    private static final int CYCLE = 10;
    private static final double HOST_USE = 0.80;
    private static final double MOST = 100;
    private static final double DEAD_BAND = 10;
    private static final double MINIMUM = 0.5;
    private static final double SPARE = 0.25;

    @Override
    public void tick(SimulatedHost host, int second) {
        if (second % CYCLE != 0) {
            return;
        }
        double goal = HOST_USE * host.totalCeilings() - host.totalSizes();
        if (Math.abs(goal) < DEAD_BAND) {
            return;
        }
        List<Guest> first = new ArrayList<>();
        for (Guest guest : host.guests()) {
            boolean spares = guest.unused() > SPARE * minimum(guest);
            if (spares == (goal < 0)) {
                first.add(guest);
            }
        }
        double rest = change(first, goal);
        if (Math.abs(rest) >= Math.abs(goal) - 1) {
            change(host.guests(), goal);
        }
    }

    private static double minimum(Guest guest) {
        return MINIMUM * guest.trace().ceiling();
    }

    /// Splits a change; answers what of it could not be had.
    private static double change(List<Guest> guests, double goal) {
        double beyond = goal;
        for (Guest guest : guests) {
            beyond += guest.target() - minimum(guest);
        }
        double rest = goal;
        for (Guest guest : guests) {
            double ideal = minimum(guest) + Math.max(0, beyond) / guests.size();
            double wanted = Math.clamp(ideal, minimum(guest), guest.trace().ceiling());
            double change = Math.clamp(wanted - guest.target(), -MOST, MOST);
            if (change != 0 && (change > 0) == (goal > 0)) {
                guest.target(guest.target() + change);
                rest -= change;
            }
        }
        return rest;
    }
}
