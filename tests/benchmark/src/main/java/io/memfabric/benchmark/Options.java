package io.memfabric.benchmark;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/// What a run measures.
///
/// @param rounds how often each load runs on each server, at least 5 for figures that count
/// @param seconds how long each time
/// @param cpu the processor to which client and servers are pinned
/// @param vmFigures a file of figures that were measured inside a VM
record Options(
        int rounds,
        double seconds,
        int cpu,
        List<Load> loads,
        List<Variant> variants,
        Optional<Path> vmFigures) {

    static final String USAGE =
            "usage: bench datapath [--rounds N] [--seconds S] [--cpu N] [--only rr1,rr16,…]"
                    + " [--variants plain,sealed,…] [--vm-figures FILE]";

    static Options parse(List<String> arguments) {
        Options options =
                new Options(5, 0.7, 1, Load.ALL, List.of(Variant.values()), Optional.empty());
        for (int i = 0; i < arguments.size(); i += 2) {
            if (i + 1 == arguments.size()) {
                throw new IllegalArgumentException(USAGE);
            }
            options = options.with(arguments.get(i), arguments.get(i + 1));
        }
        return options;
    }

    private Options with(String name, String value) {
        return switch (name) {
            case "--rounds" -> with(Integer.parseInt(value), seconds, cpu, loads, variants);
            case "--seconds" -> with(rounds, Double.parseDouble(value), cpu, loads, variants);
            case "--cpu" -> with(rounds, seconds, Integer.parseInt(value), loads, variants);
            case "--only" ->
                    with(
                            rounds,
                            seconds,
                            cpu,
                            Stream.of(value.split(",", -1)).map(Load::named).toList(),
                            variants);
            case "--variants" ->
                    with(
                            rounds,
                            seconds,
                            cpu,
                            loads,
                            Stream.of(value.split(",", -1)).map(Variant::named).toList());
            case "--vm-figures" ->
                    new Options(rounds, seconds, cpu, loads, variants, Optional.of(Path.of(value)));
            default -> throw new IllegalArgumentException(USAGE);
        };
    }

    private Options with(
            int newRounds,
            double newSeconds,
            int newCpu,
            List<Load> newLoads,
            List<Variant> newVariants) {
        return new Options(newRounds, newSeconds, newCpu, newLoads, newVariants, vmFigures);
    }
}
