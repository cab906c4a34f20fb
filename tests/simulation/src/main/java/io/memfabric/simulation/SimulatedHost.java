package io.memfabric.simulation;

import io.memfabric.agent.policy.HostSnapshot;
import io.memfabric.agent.policy.VmMemory;
import io.memfabric.agent.policy.VmMemory.Strain;
import io.memfabric.agent.policy.VmMemory.Usable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// A host and its guests, seen with the delays of a real one. Sizes in MiB.
///
/// A balloon driver reports once a second, a daemon four times, a balloon's size is seen at most a
/// second late, and what was taken is lent: a part of it comes back only at the speed of a recall.
final class SimulatedHost {

    /// The daemon reports every so many steps.
    static final int DAEMON_STEPS = 2;

    /// Of the memory that may be lent so much is claimed by grants; the rest is free regions.
    private static final double CLAIMED = 0.7;

    /// What a recall brings back, MiB a second: second legs are dropped at 1 GiB a second.
    private static final double RECALL = 1024;

    private final List<Guest> guests;
    private final List<UUID> ids = new ArrayList<>();
    private final Said[] said;
    private final double total;
    private final double reserve;
    private double lent;

    /// What the host knows of a guest, and since when. Times are seconds.
    private static final class Said {
        double shownSize;
        long driver;
        double driverAt = -1;
        long daemon;
        double daemonAt = -1;
        @Nullable Strain strain;
    }

    SimulatedHost(List<Trace> traces) {
        guests = traces.stream().map(Guest::new).toList();
        double ceilings = traces.stream().mapToDouble(Trace::ceiling).sum();
        reserve = ceilings / 16;
        total = ceilings + reserve;
        said = new Said[guests.size()];
        for (int i = 0; i < said.length; i++) {
            said[i] = new Said();
            said[i].shownSize = guests.get(i).size();
            ids.add(new UUID(0, i));
        }
    }

    List<Guest> guests() {
        return guests;
    }

    double totalCeilings() {
        return total - reserve;
    }

    double totalSizes() {
        double sizes = 0;
        for (Guest guest : guests) {
            sizes += guest.size();
        }
        return sizes;
    }

    /// Lends what may be lent and recalls what must not be.
    void lend(double dt) {
        double spare = total - totalSizes() - reserve;
        double wanted = Math.max(0, spare * CLAIMED);
        lent =
                wanted < lent
                        ? Math.max(wanted, lent - RECALL * dt)
                        : Math.min(wanted, lent + 256 * dt);
    }

    /// Notes what a guest says in this step, if anything; answers whether its daemon spoke.
    boolean listen(int vm, int second, int step, double now, boolean moving) {
        Guest guest = guests.get(vm);
        Said known = said[vm];
        if (step == vm % Guest.STEPS || (!moving && step == Guest.STEPS - 1)) {
            known.driver = guest.saidUsableBytes();
            known.driverAt = now;
            known.shownSize = guest.size();
        }
        boolean busy = guest.inflates() && step != vm % Guest.STEPS;
        if (busy || step % DAEMON_STEPS != vm % DAEMON_STEPS) {
            return false;
        }
        known.daemon = guest.saidUsableBytes();
        known.daemonAt = now;
        known.strain =
                new Strain(
                        guest.saidPressureCentipercent(),
                        guest.saidStallMicros(second),
                        guest.saidRefaultPages(second),
                        Duration.ZERO);
        return true;
    }

    long shownBytes(int vm) {
        return Mib.bytes(said[vm].shownSize);
    }

    long daemonBytes(int vm) {
        return said[vm].daemon;
    }

    HostSnapshot snapshot(int second, double now) {
        List<VmMemory> vms = new ArrayList<>(guests.size());
        for (int vm = 0; vm < guests.size(); vm++) {
            vms.add(vm(vm, second, now));
        }
        double available = total - totalSizes() - lent;
        return new HostSnapshot(Mib.bytes(Math.max(0, available)), 0, vms);
    }

    private VmMemory vm(int vm, int second, double now) {
        Guest guest = guests.get(vm);
        Said known = said[vm];
        Strain strain = known.strain;
        return new VmMemory(
                ids.get(vm),
                Mib.bytes(guest.trace().ceiling()),
                Mib.bytes(known.shownSize),
                Mib.bytes(guest.resident()),
                known.driverAt < 0 || known.daemonAt < 0
                        ? null
                        : new Usable(
                                known.driverAt > known.daemonAt ? known.driver : known.daemon,
                                age(now, Math.max(known.driverAt, known.daemonAt))),
                strain == null
                        ? null
                        : new Strain(
                                strain.pressureCentipercent(),
                                strain.stallMicros(),
                                strain.refaultPages(),
                                age(now, known.daemonAt)),
                false,
                guest.boots(second) ? "it started a moment ago" : null,
                true,
                VmMemory.Terms.USUAL,
                VmMemory.Backing.USUAL);
    }

    private static Duration age(double now, double at) {
        return Duration.ofMillis(Math.round((now - at) * 1000));
    }
}
