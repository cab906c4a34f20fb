package io.memfabric.simulation;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import tools.jackson.databind.json.JsonMapper;

/// The figures that a full run is held to, as a file.
final class Figures {

    private final Map<Standing, Score> sums;
    private final List<Map<String, Object>> figures = new ArrayList<>();
    private boolean allMet = true;

    Figures(Map<Standing, Score> sums) {
        this.sums = sums;
    }

    /// Answers whether every goal was reached.
    boolean write(Path file, PrintStream out) throws IOException {
        Score ours = sums.getOrDefault(Standing.MEMFABRIC, Score.NONE);
        double days = ours.vmDays();
        add("share_of_oracle", ours.shareOfOracle(), 0.85, ours.shareOfOracle() >= 0.85, days);
        add(
                "pressure_time_share",
                ours.pressureTimeShare(),
                0.005,
                ours.pressureTimeShare() < 0.005,
                days);
        add(
                "returned_within_2s_share",
                ours.returnedShare(),
                0.999,
                ours.returnedShare() >= 0.999,
                (double) ours.wakeUps());
        for (Standing other : Standing.values()) {
            if (other != Standing.MEMFABRIC) {
                Score theirs = sums.getOrDefault(other, Score.NONE);
                boolean ahead = ours.isAheadOf(theirs);
                add("ahead_of_" + other.label(), ahead ? 1 : 0, 1, ahead, days);
                note(other.label() + "_share_of_oracle", theirs.shareOfOracle(), days);
                note(other.label() + "_pressure_time_share", theirs.pressureTimeShare(), days);
                note(other.label() + "_returned_within_2s_share", theirs.returnedShare(), days);
            }
        }
        Map<String, Object> report = new LinkedHashMap<>();
        report.put("commit", System.getenv().getOrDefault("MEMFABRIC_COMMIT", "unknown"));
        report.put(
                "machine",
                Runtime.getRuntime().availableProcessors()
                        + " cores, "
                        + System.getProperty("os.name")
                        + ", Java "
                        + Runtime.version().feature());
        report.put("figures", figures);
        Files.createDirectories(file.toAbsolutePath().getParent());
        Files.writeString(
                file,
                JsonMapper.shared().writerWithDefaultPrettyPrinter().writeValueAsString(report)
                        + "\n");
        out.println(file);
        return allMet;
    }

    private void add(String name, double value, double goal, boolean met, double n) {
        allMet &= met;
        Map<String, Object> figure = note(name, value, n);
        figure.put("goal", goal);
        figure.put("met", met);
    }

    private Map<String, Object> note(String name, double value, double n) {
        Map<String, Object> figure = new LinkedHashMap<>();
        figure.put("name", name);
        figure.put("value", value);
        figure.put("unit", "share");
        figure.put("n", Math.round(n));
        figure.put("min", value);
        figure.put("max", value);
        figures.add(figure);
        return figure;
    }
}
