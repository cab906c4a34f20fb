package io.memfabric.agent.brokerlink;

import java.time.Duration;

/// How often the link speaks and how long it waits.
///
/// @param refused between tries while the broker does not accept this agent
record LinkTiming(
        Duration report,
        Duration inventory,
        Duration commandWait,
        Duration firstRetry,
        Duration lastRetry,
        Duration refused) {

    static final LinkTiming NORMAL =
            new LinkTiming(
                    Duration.ofSeconds(1),
                    Duration.ofSeconds(10),
                    Duration.ofSeconds(25),
                    Duration.ofMillis(500),
                    Duration.ofSeconds(10),
                    Duration.ofSeconds(30));

    BackOff backOff() {
        return new BackOff(firstRetry, lastRetry);
    }
}
