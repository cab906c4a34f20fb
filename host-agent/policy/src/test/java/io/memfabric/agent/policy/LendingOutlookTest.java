package io.memfabric.agent.policy;

import static io.memfabric.agent.policy.BalloonCases.RULES;
import static io.memfabric.agent.policy.BalloonCases.idle;
import static io.memfabric.agent.policy.BalloonCases.mib;
import static org.assertj.core.api.Assertions.assertThat;

import io.memfabric.agent.policy.BalloonCases.Vm;
import io.memfabric.contract.agent.LendingForecast.Horizon;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class LendingOutlookTest {

    private static final Duration SECOND = Duration.ofSeconds(1);

    private final LendingOutlook outlook = new LendingOutlook(RULES);

    private void hour(int hour, Vm vm) {
        for (int second = 0; second < 3600; second++) {
            outlook.observe(vm.alone(), hour, SECOND);
        }
    }

    private List<Long> bytes(Vm vm, int hour) {
        return outlook.forecast(vm.alone(), hour).horizons().stream().map(Horizon::bytes).toList();
    }

    private static Vm using(long mib) {
        return idle().usable(mib(512 - mib), Duration.ZERO);
    }

    @Test
    void promisesNothingOfHoursThatItHasNotSeen() {
        assertThat(bytes(using(100), 3)).containsOnly(0L);
        hour(3, using(100));
        assertThat(bytes(using(100), 3)).startsWith(mib(352), 0L);
    }

    @Test
    void lendsForAsLongAsItsVmsSleep() {
        for (int hour = 0; hour < 24; hour++) {
            hour(hour, using(hour >= 9 && hour < 17 ? 400 : 100));
        }
        // At seven in the evening until nine in the morning; at eight for an hour.
        assertThat(bytes(using(100), 19)).startsWith(mib(352), mib(352), mib(352), mib(352));
        assertThat(bytes(using(100), 8)).startsWith(mib(352), mib(64), mib(64));
    }

    @Test
    void lendsNothingOfAVmThatLendsNothingOrSaysNothing() {
        hour(3, using(100));
        assertThat(bytes(using(100).terms(0, false), 3)).containsOnly(0L);
        assertThat(bytes(using(100).borrowing(), 3)).containsOnly(0L);
        hour(4, using(100).withoutStatistics());
        assertThat(bytes(using(100), 4)).containsOnly(0L);
    }

    @Test
    void leavesAFloorToEachVm() {
        hour(3, using(100));
        assertThat(bytes(using(100).terms(mib(400), true), 3)).startsWith(mib(112));
    }
}
