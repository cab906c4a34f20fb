package io.memfabric.lab;

import java.time.Duration;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/// Waits for a condition by asking again and again until a deadline.
public final class Await {

    private static final Duration BETWEEN = Duration.ofMillis(50);

    private Await() {}

    /// Asks until there is an answer.
    ///
    /// @throws LabException when `limit` is over, naming `what` was waited for
    public static <T> T answer(String what, Duration limit, Supplier<Optional<T>> question) {
        long end = System.nanoTime() + limit.toNanos();
        while (true) {
            Optional<T> answer = question.get();
            if (answer.isPresent()) {
                return answer.get();
            }
            if (System.nanoTime() - end > 0) {
                throw new LabException("waited " + limit.toSeconds() + " s for " + what);
            }
            pause(BETWEEN);
        }
    }

    /// Asks until the condition holds.
    ///
    /// @throws LabException when `limit` is over, naming `what` was waited for
    public static void that(String what, Duration limit, BooleanSupplier condition) {
        answer(what, limit, () -> condition.getAsBoolean() ? Optional.of(true) : Optional.empty());
    }

    /// Lets a moment pass between two samples.
    public static void pause(Duration moment) {
        try {
            Thread.sleep(moment);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LabException("interrupted", e);
        }
    }
}
