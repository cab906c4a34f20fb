package io.memfabric.control;

import java.util.List;
import org.jspecify.annotations.Nullable;

/// One figure of a run.
///
/// @param value the median of what its rounds gave, or the worst where the name says so
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

    static Figure plain(String name, String unit, List<Double> rounds) {
        return of(name, unit, median(rounds), null, null, rounds);
    }

    static Figure atLeast(String name, String unit, double goal, List<Double> rounds) {
        return of(name, unit, median(rounds), goal, median(rounds) >= goal, rounds);
    }

    static Figure below(String name, String unit, double goal, List<Double> rounds) {
        return of(name, unit, median(rounds), goal, median(rounds) < goal, rounds);
    }

    /// The largest of its rounds counts.
    static Figure never(String name, String unit, double most, List<Double> rounds) {
        double worst = sorted(rounds).getLast();
        return of(name, unit, worst, most, worst <= most, rounds);
    }

    private static Figure of(
            String name,
            String unit,
            double value,
            @Nullable Double goal,
            @Nullable Boolean met,
            List<Double> rounds) {
        List<Double> sorted = sorted(rounds);
        return new Figure(
                name, value, unit, goal, met, sorted.size(), sorted.getFirst(), sorted.getLast());
    }

    private static List<Double> sorted(List<Double> rounds) {
        return rounds.stream().sorted().toList();
    }

    private static double median(List<Double> rounds) {
        List<Double> sorted = sorted(rounds);
        int middle = sorted.size() / 2;
        return sorted.size() % 2 == 1
                ? sorted.get(middle)
                : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
    }
}
