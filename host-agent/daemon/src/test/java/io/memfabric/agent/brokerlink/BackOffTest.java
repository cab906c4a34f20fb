package io.memfabric.agent.brokerlink;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

final class BackOffTest {

    @Test
    void waitsLongerAfterEveryFailureUpToABound() {
        BackOff backOff = new BackOff(Duration.ofMillis(100), Duration.ofMillis(400));

        assertThat(backOff.step()).isBetween(Duration.ofMillis(50), Duration.ofMillis(100));
        assertThat(backOff.step()).isBetween(Duration.ofMillis(100), Duration.ofMillis(200));
        assertThat(backOff.step()).isBetween(Duration.ofMillis(200), Duration.ofMillis(400));
        assertThat(backOff.step()).isBetween(Duration.ofMillis(200), Duration.ofMillis(400));
        backOff.reset();
        assertThat(backOff.step()).isBetween(Duration.ofMillis(50), Duration.ofMillis(100));
    }
}
