package io.memfabric.simulation;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;

/// `simulate harvest`: runs the balloon policies through patterns or a trace and prints how they did.
public final class SimulateMain {

    private SimulateMain() {}

    /// Ends with 0 where all figures of a full run reach their goals, 1 where not, 2 for bad use.
    public static void main(String[] args) {
        Arguments arguments;
        try {
            arguments = Arguments.of(args);
        } catch (IllegalArgumentException e) {
            System.err.println("memfabric simulate: " + e.getMessage());
            System.err.println(Arguments.USAGE);
            System.exit(2);
            return;
        }
        try {
            boolean good = new Simulation(arguments, System.out, Path.of("target")).run();
            System.exit(good ? 0 : 1);
        } catch (IOException e) {
            System.err.println("memfabric simulate: " + e.getMessage());
            System.exit(2);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            System.exit(2);
        }
    }

    /// The names that `--pattern` takes.
    static String patterns() {
        return String.join(", ", Arrays.stream(Pattern.values()).map(Pattern::label).toList());
    }
}
