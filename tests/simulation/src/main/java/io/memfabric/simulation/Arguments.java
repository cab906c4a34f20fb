package io.memfabric.simulation;

import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What to simulate.
///
/// @param patterns the patterns to run, none where a trace is given
/// @param trace a file with one VM's recorded demand, or null
/// @param vmDays how many VM-days all patterns together take
/// @param seed what the patterns' chances are drawn from
/// @param root the folder in which `target` is written, or null for the working folder
/// @param bench whether the figures are written as well
/// @param vmFigures a file with figures from real VMs that are to stand beside them, or null
record Arguments(
        List<Pattern> patterns,
        @Nullable Path trace,
        int vmDays,
        long seed,
        @Nullable Path root,
        boolean bench,
        @Nullable Path vmFigures) {

    static final String USAGE =
            """
            usage: simulate bench-harvest [--vm-figures FILE] [--vm-days N] [--seed N] [--root DIR]
                   simulate harvest [--pattern NAME|all] [--trace FILE] [--vm-days N] [--seed N] [--root DIR]
              patterns: %s
              a trace is a CSV file: second,anon_mib,hot_cache_mib; its first line is: ceiling_mib,N"""
                    .formatted(SimulateMain.patterns());

    static Arguments of(String... args) {
        boolean bench = args.length > 0 && args[0].equals("bench-harvest");
        if (args.length == 0 || (!bench && !args[0].equals("harvest"))) {
            throw new IllegalArgumentException("the first argument must be: harvest");
        }
        List<Pattern> patterns = List.of(Pattern.values());
        Path trace = null;
        int vmDays = 1000;
        long seed = 1;
        Path root = null;
        Path vmFigures = null;
        for (int i = 1; i < args.length; i += 2) {
            if (i + 1 == args.length) {
                throw new IllegalArgumentException(args[i] + " needs a value");
            }
            String value = args[i + 1];
            if (!options(bench).contains(args[i])) {
                throw new IllegalArgumentException("unknown option: " + args[i]);
            }
            switch (args[i]) {
                case "--pattern" -> patterns = patterns(value);
                case "--trace" -> {
                    trace = Path.of(value);
                    patterns = List.of();
                }
                case "--vm-days" -> vmDays = (int) number(args[i], value);
                case "--seed" -> seed = number(args[i], value);
                case "--root" -> root = Path.of(value);
                case "--vm-figures" -> vmFigures = Path.of(value);
                default -> throw new IllegalArgumentException("unknown option: " + args[i]);
            }
        }
        return new Arguments(patterns, trace, vmDays, seed, root, bench, vmFigures);
    }

    private static Set<String> options(boolean bench) {
        return bench
                ? Set.of("--vm-figures", "--vm-days", "--seed", "--root")
                : Set.of("--pattern", "--trace", "--vm-days", "--seed", "--root");
    }

    private static List<Pattern> patterns(String value) {
        if (value.equals("all")) {
            return List.of(Pattern.values());
        }
        return Arrays.stream(Pattern.values())
                .filter(p -> p.label().equals(value))
                .findFirst()
                .map(List::of)
                .orElseThrow(
                        () ->
                                new IllegalArgumentException(
                                        "no pattern "
                                                + value
                                                + "; there are "
                                                + SimulateMain.patterns()));
    }

    private static long number(String option, String value) {
        try {
            long number = Long.parseLong(value);
            if (number >= 1 && number <= 1_000_000) {
                return number;
            }
        } catch (NumberFormatException e) {
            // Answered below like a number out of range.
        }
        throw new IllegalArgumentException(option + " must be a number from 1 to 1000000");
    }
}
