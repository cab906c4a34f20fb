package io.memfabric.simulation;

import java.io.PrintStream;
import java.util.Locale;

/// The scores as lines of text.
final class Table {

    private final PrintStream out;
    private boolean begun;

    Table(PrintStream out) {
        this.out = out;
    }

    void row(String pattern, Standing rule, Score score) {
        if (!begun) {
            begun = true;
            out.printf(
                    "%-16s %-10s %8s %16s %14s %14s %9s%n",
                    "pattern",
                    "rule",
                    "VM-days",
                    "share of oracle",
                    "time pressed",
                    "back in 2 s",
                    "wake-ups");
        }
        out.printf(
                Locale.ROOT,
                "%-16s %-10s %8.0f %14.1f %% %12.3f %% %12.2f %% %9d%n",
                pattern,
                rule.label(),
                score.vmDays(),
                score.shareOfOracle() * 100,
                score.pressureTimeShare() * 100,
                score.returnedShare() * 100,
                score.wakeUps());
    }
}
