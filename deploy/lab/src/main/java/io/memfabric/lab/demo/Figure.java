package io.memfabric.lab.demo;

import java.util.Arrays;

/// One measured figure of a run against its goal.
///
/// @param value a number or a truth
/// @param goal the goal in words, such as `>= 0.7`
/// @param n how many measurements are behind it
/// @param min the smallest of them
/// @param max the largest
public record Figure(
        String name,
        Object value,
        String unit,
        String goal,
        boolean met,
        int n,
        Object min,
        Object max) {

    Figure(String name, Object value, String unit, String goal, boolean met) {
        this(name, value, unit, goal, met, 1, value, value);
    }

    /// The median of several measurements, each of which is better the smaller it is.
    static Figure medianAtMost(String name, double[] samples, String unit, double goal) {
        double[] sorted = Arrays.stream(samples).sorted().toArray();
        double median = median(samples);
        return new Figure(
                name,
                up(median),
                unit,
                "<= " + plain(goal),
                median <= goal,
                sorted.length,
                up(sorted[0]),
                up(sorted[sorted.length - 1]));
    }

    /// The median of several measurements of which no goal is set: they tell how to read others.
    static Figure medianOf(String name, double[] samples, String unit) {
        double[] sorted = Arrays.stream(samples).sorted().toArray();
        return new Figure(
                name,
                up(median(samples)),
                unit,
                "none",
                true,
                sorted.length,
                up(sorted[0]),
                up(sorted[sorted.length - 1]));
    }

    static double median(double[] samples) {
        double[] sorted = Arrays.stream(samples).sorted().toArray();
        int half = sorted.length / 2;
        return sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
    }

    private static double up(double value) {
        return Math.ceil(value * 10_000) / 10_000;
    }

    static Figure atLeast(String name, double value, String unit, double goal) {
        return new Figure(name, rounded(value), unit, ">= " + plain(goal), value >= goal);
    }

    static Figure atLeast(String name, long value, String unit, long goal) {
        return new Figure(name, value, unit, ">= " + goal, value >= goal);
    }

    static Figure atMost(String name, double value, String unit, double goal) {
        return new Figure(
                name, Math.ceil(value * 10_000) / 10_000, unit, "<= " + plain(goal), value <= goal);
    }

    static Figure atMost(String name, long value, String unit, long goal) {
        return new Figure(name, value, unit, "<= " + goal, value <= goal);
    }

    static Figure truth(String name, boolean value) {
        return new Figure(name, value, "boolean", "true", value);
    }

    /// Down, so that a figure never looks better than it is.
    private static double rounded(double value) {
        return Math.floor(value * 10_000) / 10_000;
    }

    private static String plain(double value) {
        return value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
    }
}
