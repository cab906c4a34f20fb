package io.memfabric.lab.demo;

/// One measured figure of a run against its goal.
///
/// @param value a number or a truth
/// @param goal the goal in words, such as `>= 0.7`
public record Figure(String name, Object value, String unit, String goal, boolean met) {

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
