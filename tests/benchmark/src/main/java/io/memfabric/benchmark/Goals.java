package io.memfabric.benchmark;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// What the figures should be. A figure without a goal is printed for information.
final class Goals {

    /// @param isFloor whether more is better
    record Goal(double bound, boolean isFloor) {
        boolean isMetBy(double value) {
            return isFloor ? value >= bound : value <= bound;
        }
    }

    private static final Map<String, Goal> ALL = all();

    private Goals() {}

    static Optional<Goal> of(String figure) {
        return Optional.ofNullable(ALL.get(figure));
    }

    private static Map<String, Goal> all() {
        Map<String, Goal> goals = new HashMap<>();
        iops(goals, "rr1", 1.6, 1.15, 0.95, 1.4, 1.5);
        iops(goals, "rr16", 9, 3, 0.9, 6, 6);
        iops(goals, "rw16", 8, 2.5, 0.85, 6, 6);
        iops(goals, "rr64", 12, 4, 0.9, 7, 7);
        iops(goals, "sr128", 1.3, 1, 0.9, 1, 4);
        iops(goals, "sw128", 1.3, 1, 0.9, 1, 4);
        atLeast(goals, "mx16.mirrored_sealed.iops_ratio", 4);
        atLeast(goals, "sw128.mirrored_sealed.iops_ratio", 1);
        for (String variant : new String[] {".plain", ".sealed"}) {
            for (String command : new String[] {"rr", "rw"}) {
                atMost(goals, command + "1" + variant + ".p999_ratio", 0.8);
                atMost(goals, command + "16" + variant + ".p999_ratio", 0.25);
                atMost(goals, command + "16" + variant + ".cpu_per_op_ratio", 0.3);
            }
        }
        atLeast(goals, "rr16.plain.fio_iops_ratio", 3);
        atMost(goals, "vm.read4k_ratio_to_nbdkit", 1.3);
        atMost(goals, "gc_pause_max_ms", 5);
        atMost(goals, "agent_resident_max", 200);
        return Map.copyOf(goals);
    }

    private static void iops(
            Map<String, Goal> goals,
            String load,
            double plain,
            double tuned,
            double floor,
            double sealed,
            double tls) {
        atLeast(goals, load + ".plain.iops_ratio", plain);
        atLeast(goals, load + ".plain.ratio_to_tuned", tuned);
        atLeast(goals, load + ".plain.ratio_to_c_floor", floor);
        atLeast(goals, load + ".sealed.iops_ratio", sealed);
        atLeast(goals, load + ".tls.iops_ratio", tls);
    }

    private static void atLeast(Map<String, Goal> goals, String figure, double bound) {
        goals.put(figure, new Goal(bound, true));
    }

    private static void atMost(Map<String, Goal> goals, String figure, double bound) {
        goals.put(figure, new Goal(bound, false));
    }
}
