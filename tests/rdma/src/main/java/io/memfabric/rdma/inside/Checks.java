package io.memfabric.rdma.inside;

import java.util.Locale;

/// Prints a line for each check: `PASS name what` or `FAIL name why`.
final class Checks {

    /// Something that must hold.
    interface Body {

        /// What was seen, in a few words.
        ///
        /// @throws Exception where it does not hold
        String run() throws Exception;
    }

    private Checks() {}

    static void check(String name, Body body) {
        long start = System.nanoTime();
        String line;
        try {
            line = "PASS " + name + " " + body.run();
        } catch (Exception | AssertionError e) {
            line = "FAIL " + name + " " + e;
            e.printStackTrace();
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        System.out.println(line + String.format(Locale.ROOT, " (%.1f s)", seconds));
    }

    static void require(boolean holds, String otherwise) {
        if (!holds) {
            throw new AssertionError(otherwise);
        }
    }
}
