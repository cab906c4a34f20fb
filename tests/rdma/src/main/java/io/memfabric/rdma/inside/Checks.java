package io.memfabric.rdma.inside;

import java.time.Duration;
import java.util.Locale;

/// Prints a line for each check: `PASS name what` or `FAIL name why`. One that does not end in time
/// has failed and ends the process: a request that nobody answers would otherwise hold everything up
/// to the VM's own limit.
final class Checks {

    /// Something that must hold.
    interface Body {

        /// What was seen, in a few words.
        ///
        /// @throws Exception where it does not hold
        String run() throws Exception;
    }

    private static final Duration LIMIT = Duration.ofMinutes(2);

    private Checks() {}

    static void check(String name, Body body) {
        long start = System.nanoTime();
        Thread limit = Thread.ofPlatform().daemon().name("limit").start(() -> endLate(name));
        String line;
        try {
            line = "PASS " + name + " " + body.run();
        } catch (Exception | AssertionError e) {
            line = "FAIL " + name + " " + e;
            e.printStackTrace();
        }
        limit.interrupt();
        double seconds = (System.nanoTime() - start) / 1e9;
        System.out.println(line + String.format(Locale.ROOT, " (%.1f s)", seconds));
    }

    private static void endLate(String name) {
        try {
            Thread.sleep(LIMIT);
        } catch (InterruptedException e) {
            return;
        }
        System.out.println("FAIL " + name + " did not end in " + LIMIT.toSeconds() + " s");
        Runtime.getRuntime().halt(1);
    }

    static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new AssertionError(otherwise);
        }
    }
}
