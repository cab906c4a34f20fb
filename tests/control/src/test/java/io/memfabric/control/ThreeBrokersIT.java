package io.memfabric.control;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/// F26: three brokers on one database; one is killed, one paused and let go on, while 200 grants are under
/// way.
class ThreeBrokersIT {

    private static final Path ROOT = Path.of(System.getProperty("memfabric.root"));
    private static final int GRANTS = 200;
    private static final int CALLERS = 24;

    @Test
    void everyGrantEndsOneWayWhenOneBrokerIsKilledAndOneIsAZombie() throws Exception {
        try (ThreeBrokers brokers = ThreeBrokers.start(ROOT)) {
            GrantStorm.Outcome outcome =
                    brokers.storm(
                            GRANTS,
                            CALLERS,
                            Duration.ofSeconds(Integer.getInteger("broker.pause", 12)));
            assertThat(outcome)
                    .extracting(
                            GrantStorm.Outcome::lost,
                            GrantStorm.Outcome::doubled,
                            GrantStorm.Outcome::leaked)
                    .containsExactly(0, 0, 0);
            assertThat(outcome.active()).isPositive();
            assertThat(brokers.hostsOfTheLastBroker()).isPositive();
        }
    }
}
