package io.memfabric.control;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/// The figures of a run, with what they belong to.
record Report(String commit, String machine, List<Figure> figures) {

    static Report of(List<Figure> figures) throws IOException {
        String commit = System.getenv().getOrDefault("MEMFABRIC_COMMIT", "unknown");
        return new Report(commit, machineName(), figures);
    }

    private static String machineName() throws IOException {
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
                file, Rest.JSON.writerWithDefaultPrettyPrinter().writeValueAsString(this) + "\n");
    }

    void print() {
        System.out.println();
        System.out.println(machine);
        System.out.printf(
                Locale.ROOT,
                "%-30s %14s %-10s %12s %4s %14s %14s%n",
                "figure",
                "value",
                "unit",
                "goal",
                "n",
                "min",
                "max");
        for (Figure figure : figures) {
            System.out.printf(
                    Locale.ROOT,
                    "%-30s %14.3f %-10s %12s %4d %14.3f %14.3f%s%n",
                    figure.name(),
                    figure.value(),
                    figure.unit(),
                    figure.goal() == null ? "" : figure.goal().toString(),
                    figure.n(),
                    figure.min(),
                    figure.max(),
                    Boolean.FALSE.equals(figure.met()) ? " !" : "");
        }
        List<Figure> judged = figures.stream().filter(figure -> figure.met() != null).toList();
        long met = judged.stream().filter(figure -> Boolean.TRUE.equals(figure.met())).count();
        System.out.printf("%d of %d goals met; what is not is marked !%n", met, judged.size());
    }
}
