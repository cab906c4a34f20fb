package io.memfabric.client;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

/// Pauses that grow, with chance in them so that clients do not come back together.
final class Backoff {

    private static final long FIRST_MILLIS = 100;
    private static final long LONGEST_MILLIS = 5_000;

    private final long until;
    private long nextMillis = FIRST_MILLIS;

    /// @param limit how long all tries together may take
    Backoff(Duration limit) {
        this.until = System.nanoTime() + limit.toNanos();
    }

    /// Waits before another try; answers at once, and false, where there is no time for one.
    ///
    /// @param retryAfter seconds that the server asked for
    boolean sleep(Optional<String> retryAfter) throws InterruptedException {
        long pause = nextMillis / 2 + ThreadLocalRandom.current().nextLong(nextMillis / 2 + 1);
        long asked = retryAfter.map(Backoff::seconds).orElse(0L) * 1_000;
        pause = Math.max(pause, asked);
        if (System.nanoTime() + Duration.ofMillis(pause).toNanos() - until > 0) {
            return false;
        }
        Thread.sleep(pause);
        nextMillis = Math.min(2 * nextMillis, LONGEST_MILLIS);
        return true;
    }

    private static long seconds(String text) {
        return text.matches("\\d{1,4}") ? Long.parseLong(text) : 0;
    }
}
