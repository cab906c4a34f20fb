package io.memfabric.lab.demo;

import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;

/// Progress for people: one line a fact, with the seconds since the start.
final class Console {

    private final PrintStream out;
    private final long start = System.nanoTime();

    Console(PrintStream out) {
        this.out = out;
    }

    /// A heading of a step.
    synchronized void step(int number, String title) {
        out.printf(Locale.ROOT, "%n%6.1f s  %d. %s%n", seconds(), number, title);
    }

    /// A fact within a step.
    synchronized void say(String line) {
        out.printf(Locale.ROOT, "%6.1f s     %s%n", seconds(), line);
    }

    /// Text as it is.
    synchronized void print(String text) {
        out.println(text);
    }

    Duration elapsed() {
        return Duration.ofNanos(System.nanoTime() - start);
    }

    private double seconds() {
        return elapsed().toMillis() / 1000.0;
    }
}
