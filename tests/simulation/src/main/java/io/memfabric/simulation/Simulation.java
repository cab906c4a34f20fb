package io.memfabric.simulation;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;

/// Runs patterns through all rules and tells what came of it.
final class Simulation {

    static final int VMS = 8;

    private final Arguments arguments;
    private final PrintStream out;
    private final Path target;

    Simulation(Arguments arguments, PrintStream out, Path target) {
        this.arguments = arguments;
        this.out = out;
        Path root = arguments.root();
        this.target = root == null ? target : root.resolve(target);
    }

    /// Answers whether every goal was reached.
    boolean run() throws IOException, InterruptedException {
        Table table = new Table(out);
        Path trace = arguments.trace();
        if (trace != null) {
            List<Trace> one = List.of(TraceFile.read(trace));
            plot("trace", one);
            for (Standing rule : Standing.values()) {
                table.row("trace", rule, new Run(one, rule.rule(), null).judged());
            }
            return true;
        }
        Map<Standing, List<Score>> scores = new EnumMap<>(Standing.class);
        int hosts = Math.ceilDiv(arguments.vmDays(), VMS * arguments.patterns().size());
        for (Pattern pattern : arguments.patterns()) {
            plot(pattern.label(), pattern.host(VMS, Pattern.DAY, arguments.seed()));
            for (Standing rule : Standing.values()) {
                Score score = score(pattern, rule, hosts);
                scores.computeIfAbsent(rule, _ -> new ArrayList<>()).add(score);
                table.row(pattern.label(), rule, score);
            }
        }
        for (Standing rule : Standing.values()) {
            List<Score> all = scores.getOrDefault(rule, List.of());
            table.row("all", rule, all.stream().reduce(Score.NONE, Score::plus));
        }
        return !arguments.bench() || bench(new Figures(scores));
    }

    private boolean bench(Figures figures) throws IOException, InterruptedException {
        figures.addSimulation();
        double[] shares = new AgentCost().coreShares();
        double worst = Arrays.stream(shares).max().orElse(1);
        figures.add(
                "agent_core_share_100_vms",
                worst,
                "cores",
                "< 0.01",
                worst < 0.01,
                shares.length,
                shares);
        addGuestDaemon(figures);
        Path measured = arguments.vmFigures();
        String machine = measured == null ? null : figures.addMeasured(measured);
        return figures.write(target.resolve("bench/harvest.json"), machine, out);
    }

    private void addGuestDaemon(Figures figures) throws IOException, InterruptedException {
        Path root = arguments.root();
        Path program = Path.of("guest-balloon/target/guest-balloon");
        double[] shares =
                new GuestDaemonCost(root == null ? program : root.resolve(program)).coreShares();
        double median = Arrays.stream(shares).sorted().toArray()[shares.length / 2];
        figures.add(
                "guest_balloon_core_share",
                median,
                "cores",
                "< 0.001",
                median < 0.001,
                shares.length,
                shares);
    }

    private Score score(Pattern pattern, Standing rule, int hosts) {
        return IntStream.range(0, hosts)
                .parallel()
                .mapToObj(
                        host ->
                                new Run(
                                                pattern.host(
                                                        VMS, Pattern.DAY, arguments.seed() + host),
                                                rule.rule(),
                                                null)
                                        .judged())
                .reduce(Score.NONE, Score::plus);
    }

    private void plot(String name, List<Trace> traces) throws IOException {
        Recording recording = new Recording(traces.getFirst());
        new Run(traces, Standing.MEMFABRIC.rule(), recording).judged();
        Path file = target.resolve("simulation").resolve(name + ".svg");
        Files.createDirectories(file.toAbsolutePath().getParent());
        Files.writeString(file, Plot.of(name, traces.getFirst().ceiling(), recording));
        out.println(file);
    }

    /// What the rules came to over a list of patterns, for tests.
    static Map<Standing, Score> compared(List<Pattern> patterns, int seconds, long seed) {
        Map<Standing, Score> sums = new EnumMap<>(Standing.class);
        for (Standing rule : Standing.values()) {
            List<Score> scores = new ArrayList<>();
            for (Pattern pattern : patterns) {
                scores.add(new Run(pattern.host(VMS, seconds, seed), rule.rule(), null).judged());
            }
            sums.put(rule, scores.stream().reduce(Score.NONE, Score::plus));
        }
        return sums;
    }
}
