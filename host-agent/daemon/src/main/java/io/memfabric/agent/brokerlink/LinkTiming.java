package io.memfabric.agent.brokerlink;

import java.lang.System.Logger.Level;
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

    private static final System.Logger LOG = System.getLogger(LinkTiming.class.getName());

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

    /// Waits before the next try, and says why: longer where the broker does not accept this agent.
    void sleepAfter(String refusedCode, String what, Exception e, BackOff backOff)
            throws InterruptedException {
        boolean refused = e instanceof BrokerException problem && problem.isUnauthorized();
        Duration pause = refused ? refused() : backOff.step();
        LOG.log(
                Level.WARNING,
                "{0}: {1}: {2}; next try in {3} ms",
                refused ? refusedCode : "broker_unreachable",
                what,
                e.getMessage() == null ? e.toString() : e.getMessage(),
                pause.toMillis());
        Thread.sleep(pause);
    }

    static void sleepUntil(long nanoTime) throws InterruptedException {
        long left = nanoTime - System.nanoTime();
        if (left > 0) {
            Thread.sleep(Duration.ofNanos(left));
        }
    }
}
