package io.memfabric.agent.balloon;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.UUID;
import org.junit.jupiter.api.Test;

final class StatisticsAgeTest {

    private static final UUID VM = new UUID(0, 1);

    private final StatisticsAge ages = new StatisticsAge();

    private Duration age(long stamp, long wall, long now) {
        return ages.of(VM, stamp, wall, Duration.ofSeconds(now));
    }

    @Test
    void measuresTheFirstStampAgainstTheClock() {
        assertThat(age(1000, 1100, 50)).isEqualTo(Duration.ofSeconds(100));
    }

    @Test
    void takesAStampFromTheFutureForOld() {
        assertThat(age(5000, 1000, 50)).isEqualTo(Duration.ofSeconds(4000));
    }

    @Test
    void countsFromWhenAStampWasSeenToChange() {
        age(1000, 1000, 50);

        assertThat(age(1001, 1001, 51)).isEqualTo(Duration.ZERO);
        assertThat(age(1001, 1004, 54)).isEqualTo(Duration.ofSeconds(3));
    }

    @Test
    void doesNotMindAClockThatJumps() {
        age(1000, 1000, 50);
        age(1001, 1001, 51);

        assertThat(age(1001, 4601, 52)).isEqualTo(Duration.ofSeconds(1));
        assertThat(age(1002, -2600, 53)).isEqualTo(Duration.ZERO);
    }
}
