package io.memfabric.simulation;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.DoublePredicate;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The figures that a full run is held to, as a table and as a file.
final class Figures {

    private final Map<Standing, List<Score>> scores;
    private final List<Map<String, Object>> figures = new ArrayList<>();
    private boolean allMet = true;

    /// @param scores each rule's score by pattern
    Figures(Map<Standing, List<Score>> scores) {
        this.scores = scores;
    }

    /// Adds what the policies achieve and how far they are ahead of the published rules.
    void addSimulation() {
        List<Score> ours = of(Standing.MEMFABRIC);
        long days = Math.round(sum(ours).vmDays());
        add("share_of_oracle", ours, Score::shareOfOracle, ">= 0.85", v -> v >= 0.85, days);
        add("pressure_time_share", ours, Score::pressureTimeShare, "< 0.005", v -> v < 0.005, days);
        add(
                "returned_within_2s_share",
                ours,
                Score::returnedShare,
                ">= 0.999",
                v -> v >= 0.999,
                sum(ours).wakeUps());
        for (Standing other : Standing.values()) {
            if (other != Standing.MEMFABRIC) {
                ahead("share_ahead_of_", other, Score::shareOfOracle, 1, days);
                ahead("pressure_below_", other, Score::pressureTimeShare, -1, days);
            }
        }
    }

    private void ahead(
            String name, Standing other, ToDoubleFunction<Score> axis, int sign, long days) {
        List<Score> ours = of(Standing.MEMFABRIC);
        List<Score> theirs = of(other);
        double[] byPattern = new double[ours.size()];
        for (int i = 0; i < byPattern.length; i++) {
            byPattern[i] =
                    sign * (axis.applyAsDouble(ours.get(i)) - axis.applyAsDouble(theirs.get(i)));
        }
        double all = sign * (axis.applyAsDouble(sum(ours)) - axis.applyAsDouble(sum(theirs)));
        add(name + other.label(), all, "share", "> 0", all > 0, days, byPattern);
    }

    private void add(
            String name,
            List<Score> byPattern,
            ToDoubleFunction<Score> figure,
            String goal,
            DoublePredicate met,
            long n) {
        double all = figure.applyAsDouble(sum(byPattern));
        double[] each = byPattern.stream().mapToDouble(figure).toArray();
        add(name, all, "share", goal, met.test(all), n, each);
    }

    /// @param samples what the smallest and the largest are taken from
    void add(
            String name,
            double value,
            String unit,
            String goal,
            boolean met,
            long n,
            double[] samples) {
        allMet &= met;
        Map<String, Object> figure = new LinkedHashMap<>();
        figure.put("name", name);
        figure.put("value", rounded(value));
        figure.put("unit", unit);
        figure.put("goal", goal);
        figure.put("met", met);
        figure.put("n", n);
        figure.put("min", rounded(Arrays.stream(samples).min().orElse(value)));
        figure.put("max", rounded(Arrays.stream(samples).max().orElse(value)));
        figures.add(figure);
    }

    private static double rounded(double value) {
        return Math.round(value * 1e6) / 1e6;
    }

    /// Adds what was measured on real VMs.
    ///
    /// @return what runs there, in words
    String addMeasured(Path file) throws IOException {
        JsonNode report = JsonMapper.shared().readTree(Files.readString(file));
        for (JsonNode figure : report.path("figures")) {
            Map<String, Object> copy = new LinkedHashMap<>();
            figure.properties().forEach(e -> copy.put(e.getKey(), e.getValue()));
            figures.add(copy);
            allMet &= figure.path("met").asBoolean();
        }
        return report.path("machine").asString("");
    }

    /// Answers whether every goal was reached.
    boolean write(Path file, @Nullable String machine, PrintStream out) throws IOException {
        out.printf(
                "%n  %-30s %12s %-8s %-10s %10s %10s %8s%n",
                "figure", "value", "unit", "goal", "min", "max", "n");
        for (Map<String, Object> f : figures) {
            out.printf(
                    Locale.ROOT,
                    "  %-30s %12s %-8s %-10s %10s %10s %8s  %s%n",
                    f.get("name"),
                    f.get("value"),
                    text(f.get("unit")),
                    text(f.get("goal")),
                    f.get("min"),
                    f.get("max"),
                    f.get("n"),
                    String.valueOf(f.get("met")).equals("true") ? "met" : "MISSED");
        }
        Map<String, Object> report = new LinkedHashMap<>();
        report.put("commit", System.getenv().getOrDefault("MEMFABRIC_COMMIT", "unknown"));
        report.put("machine", machine == null ? thisMachine() : machine);
        report.put("figures", figures);
        Files.createDirectories(file.toAbsolutePath().getParent());
        Files.writeString(
                file,
                JsonMapper.shared().writerWithDefaultPrettyPrinter().writeValueAsString(report)
                        + "\n");
        out.println(file);
        return allMet;
    }

    private static String text(@Nullable Object value) {
        return value instanceof JsonNode node ? node.asString("") : String.valueOf(value);
    }

    private static String thisMachine() {
        return "%d processors, %s, Java %d"
                .formatted(
                        Runtime.getRuntime().availableProcessors(),
                        System.getProperty("os.name"),
                        Runtime.version().feature());
    }

    private List<Score> of(Standing rule) {
        return scores.getOrDefault(rule, List.of());
    }

    private static Score sum(List<Score> scores) {
        return scores.stream().reduce(Score.NONE, Score::plus);
    }
}
