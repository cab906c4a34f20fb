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
        return new Figure(
                name,
                value,
                unit,
                Goals.of(name).map(Goals.Goal::bound).orElse(null),
                Goals.of(name).map(goal -> goal.isMetBy(value)).orElse(null),
                sorted.size(),
                sorted.getFirst(),
                sorted.getLast());
    }

    private static double median(List<Double> sorted) {
        int middle = sorted.size() / 2;
        return sorted.size() % 2 == 1
                ? sorted.get(middle)
                : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
    }
}
