package io.memfabric.agent.brokerlink;

import java.time.Duration;

/// How often the link speaks and how long it waits.
///
/// @param gather between a change and the inventory that tells of it
/// @param refused between tries while the broker does not accept this agent
/// @param roundTrips between two measurements of the ways to lenders
record LinkTiming(
        Duration report,
        Duration inventory,
        Duration gather,
        Duration commandWait,
        Duration firstRetry,
        Duration lastRetry,
        Duration refused,
        Duration roundTrips) {

    static final LinkTiming NORMAL =
            new LinkTiming(
                    Duration.ofSeconds(1),
                    Duration.ofSeconds(10),
                    Duration.ofMillis(20),
                    Duration.ofSeconds(25),
                    Duration.ofMillis(500),
                    Duration.ofSeconds(10),
                    Duration.ofSeconds(30));

    /// Measures every minute.
    LinkTiming(
            Duration report,
            Duration inventory,
            Duration gather,
            Duration commandWait,
            Duration firstRetry,
            Duration lastRetry,
            Duration refused) {
        this(
                report,
                inventory,
                gather,
                commandWait,
                firstRetry,
                lastRetry,
                refused,
                Duration.ofMinutes(1));
    }

    BackOff backOff() {
        return new BackOff(firstRetry, lastRetry);
    }
}
