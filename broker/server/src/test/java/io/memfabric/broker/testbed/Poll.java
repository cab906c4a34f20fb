package io.memfabric.broker.testbed;

import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;

/// Waits for what other threads and processes do.
public final class Poll {

    private static final Duration LIMIT = Duration.ofSeconds(40);

    private Poll() {}

    public static void until(BooleanSupplier condition) {
        long deadline = System.nanoTime() + LIMIT.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("it did not come true within " + LIMIT);
            }
            LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
        }
    }
}
