package io.memfabric.rdma.bench;

import java.util.List;

/// One figure: the median of its rounds, and whether it is as it should be.
///
/// @param n how many rounds
record Figure(
        String name,
        double value,
        String unit,
        double goal,
        boolean met,
        int n,
        double min,
        double max) {

    static Figure atMost(String name, String unit, double goal, List<Double> rounds) {
        List<Double> sorted = rounds.stream().sorted().toList();
        return of(name, unit, goal, median(sorted) <= goal, sorted);
    }

    static Figure atLeast(String name, String unit, double goal, List<Double> rounds) {
        List<Double> sorted = rounds.stream().sorted().toList();
        return of(name, unit, goal, median(sorted) >= goal, sorted);
    }

    private static Figure of(
            String name, String unit, double goal, boolean met, List<Double> sorted) {
        return new Figure(
                name,
                median(sorted),
                unit,
                goal,
                met,
                sorted.size(),
                sorted.getFirst(),
                sorted.getLast());
    }

    static double median(List<Double> sorted) {
        int middle = sorted.size() / 2;
        return sorted.size() % 2 == 1
                ? sorted.get(middle)
                : (sorted.get(middle - 1) + sorted.get(middle)) / 2;
    }
}
