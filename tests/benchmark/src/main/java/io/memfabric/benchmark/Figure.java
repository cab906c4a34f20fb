package io.memfabric.benchmark;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// One figure of a run: the median of what its rounds gave, unless its name says that it is the
/// largest.
///
/// @param n how many rounds
/// @param met whether the goal was met, or null where there is none
record Figure(
        String name,
        double value,
        String unit,
        @Nullable Double goal,
        @Nullable Boolean met,
        int n,
        double min,
        double max) {

    static Figure of(String name, String unit, List<Double> rounds) {
        List<Double> sorted = rounds.stream().sorted().toList();
        return of(name, median(sorted), unit, sorted);
    }

    static Figure longest(String name, String unit, List<Double> all) {
        List<Double> sorted = all.stream().sorted().toList();
        return of(name, sorted.getLast(), unit, sorted);
    }

    private static Figure of(String name, double value, String unit, List<Double> sorted) {
        return measured(
                name,
                unit,
                new Measured(value, sorted.size(), sorted.getFirst(), sorted.getLast()));
    }

    /// What came of a number of rounds.
    record Measured(double value, int n, double min, double max) {}

    static Figure measured(String name, String unit, Measured measured) {
        return new Figure(
                name,
                measured.value(),
                unit,
                Goals.of(name).map(Goals.Goal::bound).orElse(null),
                Goals.of(name).map(goal -> goal.isMetBy(measured.value())).orElse(null),
                measured.n(),
                measured.min(),
                measured.max());
    }

    private static double median(List<Double> sorted) {
        int middle = sorted.size() / 2;
        return sorted.size() % 2 == 1
                ? sorted.get(middle)
                : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
    }
}
