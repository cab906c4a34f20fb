package io.memfabric.broker.inventory;

import io.memfabric.contract.agent.VmReport;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The figures of one VM at the last 360 looks, in KiB.
final class VmRing {

    static final int POINTS = 360;

    private static final int UNKNOWN = -1;

    private final int[] tickOf = new int[POINTS];
    private final int[] balloon = new int[POINTS];
    private final int[] used = new int[POINTS];
    private final int[] resident = new int[POINTS];
    private final int[] pressure = new int[POINTS];
    private final int[] refaults = new int[POINTS];

    private final int begun;
    private int lastTick = UNKNOWN;
    private long lastRefaults = UNKNOWN;
    private int lookedAt = UNKNOWN;

    VmRing() {
        this(UNKNOWN);
    }

    /// One that somebody looked at in this tick.
    VmRing(int lookedAt) {
        this.lookedAt = lookedAt;
        this.begun = lookedAt;
        Arrays.fill(tickOf, UNKNOWN);
    }

    int lookedAt() {
        return lookedAt;
    }

    void look(int tick) {
        lookedAt = tick;
    }

    /// Whether nothing was recorded for as long as it remembers.
    boolean isOver(int tick) {
        return Math.max(lastTick, begun) < tick - POINTS;
    }

    void record(int tick, VmReport vm) {
        int at = tick % POINTS;
        VmReport.Strain strain = vm.strain();
        Long usable = vm.usableBytes();
        tickOf[at] = tick;
        balloon[at] = kib(vm.balloonBytes());
        used[at] = usable == null ? UNKNOWN : kib(Math.max(0, vm.balloonBytes() - usable));
        resident[at] = kib(vm.residentBytes());
        Long share = strain == null ? null : strain.pressureCentipercent();
        pressure[at] = share == null ? UNKNOWN : (int) Math.min(share, 10_000);
        refaults[at] = strain == null ? UNKNOWN : refaults(tick, strain.refaultPages());
        lastRefaults = strain == null ? UNKNOWN : strain.refaultPages();
        lastTick = tick;
    }

    /// Since the look before; unknown after a gap and where the guest began again.
    private int refaults(int tick, long now) {
        return lastRefaults == UNKNOWN || lastTick != tick - 1 || now < lastRefaults
                ? UNKNOWN
                : (int) Math.min(now - lastRefaults, Integer.MAX_VALUE);
    }

    List<VmHistory.Point> points(int tick, Instant[] times) {
        List<VmHistory.Point> points = new ArrayList<>();
        for (int t = Math.max(0, tick - POINTS + 1); t <= tick; t++) {
            int at = t % POINTS;
            if (tickOf[at] == t) {
                points.add(
                        new VmHistory.Point(
                                times[at],
                                bytes(balloon[at]),
                                used[at] == UNKNOWN ? null : (Long) bytes(used[at]),
                                bytes(resident[at]),
                                share(pressure[at], 100),
                                share(refaults[at], VmHistory.STEP_SECONDS)));
            }
        }
        return points;
    }

    private static @Nullable Double share(int value, int of) {
        return value == UNKNOWN ? null : (Double) ((double) value / of);
    }

    private static int kib(long bytes) {
        return (int) Math.min(bytes >> 10, Integer.MAX_VALUE);
    }

    private static long bytes(int kib) {
        return (long) kib << 10;
    }
}
