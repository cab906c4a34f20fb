package io.memfabric.control;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/// Measures the control plane and writes target/bench/control.json.
/// Arguments: `--root DIR`, `--cycles N` of broker kills, `--pause SECONDS` of the
/// broker that is paused, `--only NAME,…` of the parts.
public final class ControlBench {

    private ControlBench() {}

    public static void main(String[] arguments) throws Exception {
        Options options = Options.parse(arguments);
        List<Figure> figures = new ArrayList<>();
        if (options.has("placement")) {
            figures.addAll(PlacementBench.run());
        }
        if (options.has("start")) {
            figures.addAll(StartBench.run(options.root()));
        }
        if (options.has("grants")) {
            figures.addAll(GrantBench.run(options.root()));
        }
        if (options.has("reports")) {
            figures.addAll(ReportBench.run(options.root()));
        }
        if (options.has("kill")) {
            figures.addAll(KillBench.run(options.root(), options.cycles()));
        }
        if (options.has("brokers")) {
            figures.addAll(KillBench.three(options.root(), options.pause()));
        }
        if (options.has("recall")) {
            figures.addAll(RecallBench.run(options.root()));
        }
        Report report = Report.of(figures);
        report.print();
        report.write(options.root().resolve("target/bench/control.json"));
    }

    record Options(Path root, int cycles, Duration pause, List<String> only) {

        private static final List<String> PARTS =
                List.of("placement", "start", "grants", "reports", "kill", "brokers", "recall");

        static Options parse(String[] arguments) {
            Path root = Path.of(".");
            int cycles = 5;
            Duration pause = Duration.ofMinutes(1);
            List<String> only = PARTS;
            for (int i = 0; i < arguments.length; i += 2) {
                String value = i + 1 < arguments.length ? arguments[i + 1] : "";
                switch (arguments[i]) {
                    case "--root" -> root = Path.of(value);
                    case "--cycles" -> cycles = Integer.parseInt(value);
                    case "--pause" -> pause = Duration.ofSeconds(Integer.parseInt(value));
                    case "--only" -> only = List.of(value.split(",", -1));
                    default -> throw new IllegalArgumentException("unknown: " + arguments[i]);
                }
            }
            if (!PARTS.containsAll(only)) {
                throw new IllegalArgumentException("--only takes " + PARTS);
            }
            return new Options(root.toAbsolutePath().normalize(), cycles, pause, only);
        }

        boolean has(String part) {
            return only.contains(part);
        }
    }
}
