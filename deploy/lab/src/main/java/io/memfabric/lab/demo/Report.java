package io.memfabric.lab.demo;

import io.memfabric.contract.vocabulary.MemorySize;
import io.memfabric.lab.Command;
import io.memfabric.lab.LabException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import tools.jackson.databind.SerializationFeature;
import tools.jackson.databind.json.JsonMapper;

/// The figures of one run, for people as a table and for programs as JSON.
final class Report {

    private static final JsonMapper JSON =
            JsonMapper.builder().enable(SerializationFeature.INDENT_OUTPUT).build();

    private final List<Figure> figures = new ArrayList<>();

    void add(Figure figure) {
        figures.add(figure);
    }

    List<Figure> missed() {
        return figures.stream().filter(figure -> !figure.met()).toList();
    }

    String table() {
        StringBuilder table = new StringBuilder();
        String row = "  %-30s %14s %-8s %-22s %s%n";
        table.append(String.format(Locale.ROOT, row, "figure", "value", "unit", "goal", ""));
        for (Figure figure : figures) {
            table.append(
                    String.format(
                            Locale.ROOT,
                            row,
                            figure.name(),
                            figure.value(),
                            figure.unit(),
                            figure.goal(),
                            figure.met() ? "met" : "MISSED"));
        }
        return table.toString();
    }

    void write(Path file, Path root, String accelerator) {
        List<Map<String, Object>> all = new ArrayList<>();
        for (Figure figure : figures) {
            Map<String, Object> one = new LinkedHashMap<>();
            one.put("name", figure.name());
            one.put("value", figure.value());
            one.put("unit", figure.unit());
            one.put("goal", figure.goal());
            one.put("met", figure.met());
            one.put("n", figure.n());
            one.put("min", figure.min());
            one.put("max", figure.max());
            all.add(one);
        }
        Map<String, Object> report = new LinkedHashMap<>();
        report.put("commit", commit(root));
        report.put("machine", machine(accelerator));
        report.put("figures", all);
        try {
            Files.createDirectories(file.toAbsolutePath().getParent());
            Files.writeString(file, JSON.writeValueAsString(report) + "\n");
        } catch (IOException e) {
            throw new LabException("cannot write " + file, e);
        }
    }

    private static String commit(Path root) {
        Command.Output head = git(root, "rev-parse", "HEAD");
        if (!head.ok()) {
            return "unknown";
        }
        boolean changed = !git(root, "status", "--porcelain").out().isBlank();
        return head.out().strip() + (changed ? " with changes" : "");
    }

    private static Command.Output git(Path root, String... words) {
        List<String> all = new ArrayList<>(List.of("git", "-C", root.toString()));
        all.addAll(List.of(words));
        return Command.tryRun(Duration.ofSeconds(10), all);
    }

    private static String machine(String accelerator) {
        return "%d processors, %s, Linux %s, guests on %s"
                .formatted(
                        Runtime.getRuntime().availableProcessors(),
                        memory(),
                        System.getProperty("os.version"),
                        accelerator);
    }

    private static String memory() {
        try (Stream<String> lines = Files.lines(Path.of("/proc/meminfo"))) {
            return lines.filter(line -> line.startsWith("MemTotal:"))
                    .map(line -> line.replaceAll("[^0-9]", ""))
                    .map(kib -> Sizes.mib(MemorySize.ofKib(Long.parseLong(kib))))
                    .findFirst()
                    .orElse("unknown memory");
        } catch (IOException e) {
            return "unknown memory";
        }
    }
}
