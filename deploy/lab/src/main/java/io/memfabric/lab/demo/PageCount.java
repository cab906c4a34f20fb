package io.memfabric.lab.demo;

import io.memfabric.lab.GuestPort;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// What the workload in a guest counted, and how it ended.
///
/// @param exit its exit code; above 128 a signal ended it
public record PageCount(int exit, long written, long verified, long wrong) {

    private static final Pattern COUNTS =
            Pattern.compile("pages_written=(\\d+) pages_verified=(\\d+) wrong_pages=(\\d+)");

    public static PageCount of(GuestPort.Answer answer) {
        List<String> lines = answer.lines();
        Matcher counts = COUNTS.matcher(lines.isEmpty() ? "" : lines.getLast());
        return counts.matches()
                ? new PageCount(
                        answer.exit(),
                        Long.parseLong(counts.group(1)),
                        Long.parseLong(counts.group(2)),
                        Long.parseLong(counts.group(3)))
                : new PageCount(answer.exit(), 0, 0, 0);
    }

    /// Whether it went through all its pages and found each as it was written.
    public boolean everyPageRight() {
        return exit == 0 && written > 0 && written == verified && wrong == 0;
    }
}
