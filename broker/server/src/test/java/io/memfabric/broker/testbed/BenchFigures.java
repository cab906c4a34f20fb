package io.memfabric.broker.testbed;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The figures of a run of a benchmark: printed as a table and written to `target/bench/api.json`.
public final class BenchFigures {

    private static final Path ROOT = Path.of("../..").toAbsolutePath().normalize();

    private final List<Map<String, @Nullable Object>> figures = new ArrayList<>();

    /// Adds a figure.
    ///
    /// @param goal the most that it may be, or null where there is no goal
    public void add(String name, double value, String unit, @Nullable Double goal, int n) {
        add(name, value, unit, goal, n, value, value);
    }

    /// Adds a percentile of measured values.
    public void percentile(
            String name, List<Double> values, double share, String unit, double goal) {
        List<Double> sorted = values.stream().sorted().toList();
        int at = Math.max(0, (int) Math.ceil(sorted.size() * share) - 1);
        add(name, sorted.get(at), unit, goal, sorted.size(), sorted.getFirst(), sorted.getLast());
    }

    public static double median(List<Double> values) {
        return values.stream().sorted().toList().get(values.size() / 2);
    }

    private void add(
            String name,
            double value,
            String unit,
            @Nullable Double goal,
            int n,
            double min,
            double max) {
        Map<String, @Nullable Object> figure = new LinkedHashMap<>();
        figure.put("name", name);
        figure.put("value", value);
        figure.put("unit", unit);
        figure.put("goal", goal);
        figure.put("met", goal == null ? null : value <= goal);
        figure.put("n", n);
        figure.put("min", min);
        figure.put("max", max);
        figures.add(figure);
    }

    /// Prints the table and writes the file.
    public void write() throws IOException {
        Map<String, Object> report = new LinkedHashMap<>();
        report.put("commit", commit());
        report.put(
                "machine",
                "%d x %s, Linux %s, Java %s"
                        .formatted(
                                Runtime.getRuntime().availableProcessors(),
                                System.getProperty("os.arch"),
                                System.getProperty("os.version"),
                                System.getProperty("java.version")));
        report.put("figures", figures);
        for (Map<String, @Nullable Object> figure : figures) {
            System.out.printf(
                    Locale.ROOT,
                    "%-24s %16s %-20s goal %s %s%n",
                    figure.get("name"),
                    figure.get("value"),
                    figure.get("unit"),
                    figure.get("goal"),
                    Boolean.FALSE.equals(figure.get("met")) ? "MISSED" : "");
        }
        Path file = ROOT.resolve("target/bench/api.json");
        Files.createDirectories(file.getParent());
        Files.writeString(
                file, Http.JSON.writerWithDefaultPrettyPrinter().writeValueAsString(report) + "\n");
    }

    private static String commit() throws IOException {
        Process git = new ProcessBuilder("git", "-C", ROOT.toString(), "rev-parse", "HEAD").start();
        String head =
                new String(git.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
        return head.isEmpty() ? "unknown" : head;
    }
}
