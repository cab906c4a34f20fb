package io.memfabric.agent.policy;

import static io.memfabric.agent.policy.BalloonCases.mib;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

final class DailyPatternTest {

    private static final long CEILING = mib(1024);

    private static double[] hourAt(long demandMib) {
        double[] seconds = new double[16];
        seconds[DailyPattern.part(mib(demandMib), CEILING)] = 3600;
        return seconds;
    }

    @Test
    void lendsNothingInAnHourThatItDoesNotKnow() {
        assertThat(DailyPattern.unknown().lendable(mib(1), 3, CEILING)).isZero();
    }

    @Test
    void lendsUntilTheHourInWhichTheMemoryWasNeeded() {
        DailyPattern pattern = DailyPattern.unknown();
        for (int hour = 0; hour < 24; hour++) {
            pattern = pattern.with(hour, hourAt(hour == 9 ? 900 : 200));
        }

        assertThat(pattern.lendable(mib(600), 4, CEILING)).isEqualTo(Duration.ofHours(5));
        assertThat(pattern.lendable(mib(600), 10, CEILING)).isEqualTo(Duration.ofHours(23));
        assertThat(pattern.lendable(mib(50), 4, CEILING)).isEqualTo(Duration.ofHours(24));
    }

    @Test
    void forgetsOldDays() {
        DailyPattern pattern = DailyPattern.unknown().with(9, hourAt(900));
        for (int day = 0; day < 10; day++) {
            pattern = pattern.with(9, hourAt(200));
        }

        assertThat(pattern.quantile(9, 0.99, CEILING)).isEqualTo(mib(256));
    }
}
