package io.memfabric.agent.balloon;

import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/// Lets a guest's report end the wait for the next tick, where the guest needs its memory.
final class Needs {

    /// Ticks come no faster, whatever guests say.
    private static final Duration SHORTEST = Duration.ofMillis(200);

    private final Semaphore urgent = new Semaphore(0);
    private volatile Map<UUID, Long> urgentBelow = Map.of();

    /// @param bytes the usable memory below which a VM's need is urgent
    void thresholds(Map<UUID, Long> bytes) {
        urgentBelow = Map.copyOf(bytes);
    }

    void said(UUID vmId, long usableBytes) {
        if (usableBytes < urgentBelow.getOrDefault(vmId, 0L) && urgent.availablePermits() == 0) {
            urgent.release();
        }
    }

    /// Waits for the given time or until a guest needs memory.
    void await(Duration longest) throws InterruptedException {
        urgent.drainPermits();
        Thread.sleep(longest.compareTo(SHORTEST) < 0 ? longest : SHORTEST);
        Duration rest = longest.minus(SHORTEST);
        if (rest.isPositive()) {
            boolean _ = urgent.tryAcquire(rest.toNanos(), TimeUnit.NANOSECONDS);
        }
    }
}
