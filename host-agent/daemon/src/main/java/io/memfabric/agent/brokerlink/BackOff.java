package io.memfabric.agent.brokerlink;

import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;

/// Waits between tries: twice as long after every failure up to a bound, and never two agents in step.
final class BackOff {

    private final Duration first;
    private final Duration most;
    private Duration next;

    BackOff(Duration first, Duration most) {
        this.first = first;
        this.most = most;
        this.next = first;
    }

    void reset() {
        next = first;
    }

    /// The next wait: between half of the step and all of it.
    Duration step() {
        long nanos = next.toNanos();
        Duration doubled = next.multipliedBy(2);
        next = doubled.compareTo(most) < 0 ? doubled : most;
        return Duration.ofNanos(ThreadLocalRandom.current().nextLong(nanos / 2, nanos + 1));
    }
}
