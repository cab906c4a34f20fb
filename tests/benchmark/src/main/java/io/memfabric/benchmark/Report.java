package io.memfabric.benchmark;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import tools.jackson.databind.json.JsonMapper;

/// The figures of a run, with what they belong to.
record Report(String commit, String machine, List<Figure> figures) {

    private static final String[] COLUMNS = {
        "IOPS", "p50 us", "p99.9 us", "/proxy", "/tuned", "/C floor", "p99.9 /proxy", "cpu /proxy"
    };
    private static final String[] FIGURES = {
        "iops",
        "p50",
        "p999",
        "iops_ratio",
        "ratio_to_tuned",
        "ratio_to_c_floor",
        "p999_ratio",
        "cpu_per_op_ratio"
    };
    private static final String[] OTHERS = {
        "fio_iops_ratio",
        "wire.iops",
        "ratio_to_wire",
        "vm.read4k_ratio_to_nbdkit",
        "gc_pause_max_ms",
        "agent_resident_max"
    };

    static Report of(List<Figure> figures) throws IOException, InterruptedException {
        return new Report(findCommit(), findMachine(), figures);
    }

    private static String findCommit() throws IOException, InterruptedException {
        String folder = Tools.folder().toString();
        String head = Tools.run(List.of("git", "-C", folder, "rev-parse", "HEAD"));
        boolean clean =
                Tools.run(
                                List.of(
                                        "git",
                                        "-C",
                                        folder,
                                        "status",
                                        "--porcelain",
                                        "--untracked-files=no"))
                        .isEmpty();
        return clean ? head : head + "-modified";
    }

    private static String findMachine() throws IOException {
        List<String> models =
                Files.readAllLines(Path.of("/proc/cpuinfo")).stream()
                        .filter(line -> line.startsWith("model name"))
                        .map(line -> line.substring(line.indexOf(':') + 1).strip())
                        .toList();
        return "%d x %s, Linux %s, Java %s"
                .formatted(
                        models.size(),
                        models.isEmpty() ? System.getProperty("os.arch") : models.getFirst(),
                        System.getProperty("os.version"),
                        System.getProperty("java.version"));
    }

    void write(Path file) throws IOException {
        Files.createDirectories(file.toAbsolutePath().getParent());
        Files.writeString(
                file,
                JsonMapper.builder()
                                .build()
                                .writerWithDefaultPrettyPrinter()
                                .writeValueAsString(this)
                        + "\n");
    }

    /// Prints a line for each load and variant, then what is not a load's.
    void print(Options options) {
        System.out.println();
        System.out.println(machine);
        line("load variant", List.of(COLUMNS));
        for (Variant variant : options.variants()) {
            for (Load load : options.loads()) {
                String prefix = load.name() + "." + variant.label() + ".";
                List<String> cells = Stream.of(FIGURES).map(name -> cell(prefix + name)).toList();
                line(load.name() + " " + variant.label(), cells);
            }
        }
        for (Figure figure : figures) {
            if (Stream.of(OTHERS).anyMatch(figure.name()::endsWith)) {
                System.out.printf(
                        Locale.ROOT,
                        "%-32s %s %s%n",
                        figure.name(),
                        cell(figure.name()),
                        figure.unit());
            }
        }
        List<Figure> judged = figures.stream().filter(figure -> figure.met() != null).toList();
        long met = judged.stream().filter(figure -> Boolean.TRUE.equals(figure.met())).count();
        System.out.printf("%d of %d goals met; what is not is marked !%n", met, judged.size());
    }

    private static void line(String name, List<String> cells) {
        StringBuilder line = new StringBuilder("%-22s".formatted(name));
        cells.forEach(cell -> line.append(" %14s".formatted(cell)));
        System.out.println(line);
    }

    private String cell(String name) {
        return figures.stream()
                .filter(figure -> figure.name().equals(name))
                .findFirst()
                .map(Report::cell)
                .orElse("");
    }

    private static String cell(Figure figure) {
        String value = (figure.value() < 1000 ? "%.2f" : "%.0f").formatted(figure.value());
        return Goals.of(figure.name())
                .map(
                        goal ->
                                "%s (%s%s)%s"
                                        .formatted(
                                                value,
                                                goal.isFloor() ? ">" : "<",
                                                goal.bound(),
                                                goal.isMetBy(figure.value()) ? " " : "!"))
                .orElse(value);
    }
}
