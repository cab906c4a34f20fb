package io.memfabric.agent.policy;

import io.memfabric.agent.policy.VmMemory.Usable;
import io.memfabric.contract.agent.LendingForecast;
import io.memfabric.contract.agent.LendingForecast.Horizon;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/// For how long how much of a host's memory is likely to stay idle, from the [DailyPattern] of each
/// VM. Used by one thread.
public final class LendingOutlook {

    private static final int HOURS = 24;
    private static final int PARTS = 16;

    /// What a demand has to stay below for this share of an hour to leave the rest to others.
    private static final double SHARE = 0.99;

    private static final int[] HORIZONS = {1, 2, 4, 8, 24};

    private final BalloonRules rules;
    private final Map<UUID, Day> days = new HashMap<>();

    private static final class Day {
        private DailyPattern pattern = DailyPattern.unknown();
        private int hour = -1;
        private double[] seconds = new double[PARTS];

        void add(int now, int part, double spent) {
            if (now != hour) {
                pattern = known();
                hour = now;
                seconds = new double[PARTS];
            }
            seconds[part] += spent;
        }

        /// The hour that has begun counts as far as it has been seen.
        DailyPattern known() {
            return hour < 0 ? pattern : pattern.with(hour, seconds);
        }
    }

    public LendingOutlook(BalloonRules rules) {
        this.rules = rules;
    }

    /// Adds what VMs need now. What a guest needs is what it does not call usable, and what has to
    /// stay usable; one that says nothing needs all it may have.
    ///
    /// @param hour of the day, 0 to 23
    /// @param since how long it has been so
    public void observe(HostSnapshot snapshot, int hour, Duration since) {
        Map<UUID, VmMemory> here = new HashMap<>();
        snapshot.vms().forEach(vm -> here.put(vm.vmId(), vm));
        days.keySet().retainAll(here.keySet());
        double seconds = Math.clamp(since.toMillis() / 1000.0, 0, 10);
        for (VmMemory vm : snapshot.vms()) {
            int part = DailyPattern.part(demand(vm), vm.ceilingBytes());
            days.computeIfAbsent(vm.vmId(), _ -> new Day()).add(hour, part, seconds);
        }
    }

    private long demand(VmMemory vm) {
        Usable usable = vm.usable();
        if (usable == null || usable.age().compareTo(rules.staleAfter()) > 0) {
            return vm.ceilingBytes();
        }
        long used = vm.balloonBytes() - usable.bytes() + rules.leastUsable(vm);
        return Math.clamp(used, 0, vm.ceilingBytes());
    }

    /// What is likely to stay idle, for each time ahead; hours of which nothing is known count as
    /// busy.
    ///
    /// @param hour of the day, 0 to 23
    public LendingForecast forecast(HostSnapshot snapshot, int hour) {
        long[] idle = new long[HOURS];
        for (VmMemory vm : snapshot.vms()) {
            Day day = days.get(vm.vmId());
            if (day == null
                    || !vm.terms().lends()
                    || vm.borrows()
                    || vm.excludedBecause() != null) {
                continue;
            }
            DailyPattern pattern = day.known();
            long most = Math.max(0, vm.ceilingBytes() - rules.floorBytes(vm));
            long least = most;
            for (int ahead = 0; ahead < HOURS; ahead++) {
                int then = (hour + ahead) % HOURS;
                long needed = pattern.quantile(then, SHARE, vm.ceilingBytes());
                least = Math.min(least, vm.ceilingBytes() - needed);
                idle[ahead] += Math.max(0, least);
            }
        }
        List<Horizon> horizons = new ArrayList<>();
        for (int hours : HORIZONS) {
            horizons.add(new Horizon(hours, idle[hours - 1]));
        }
        return new LendingForecast(horizons);
    }
}
