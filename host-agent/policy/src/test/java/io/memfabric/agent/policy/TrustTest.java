package io.memfabric.agent.policy;

import static io.memfabric.agent.policy.BalloonCases.NOW;
import static io.memfabric.agent.policy.BalloonCases.idle;
import static io.memfabric.agent.policy.BalloonCases.mib;
import static org.assertj.core.api.Assertions.assertThat;

import io.memfabric.agent.policy.BalloonCases.Vm;
import java.time.Duration;
import org.junit.jupiter.api.Test;

final class TrustTest {

    private static Trust after(int ticks, Vm vm, long largest) {
        Trust trust = Trust.FULL;
        for (int i = 0; i < ticks; i++) {
            trust = trust.observed(vm.memory(), largest, NOW);
        }
        return trust;
    }

    @Test
    void believesAGuestWhoseWordsFit() {
        assertThat(after(10, idle(), mib(512)).isDoubted(NOW)).isFalse();
    }

    @Test
    void doubtsForAnHourAGuestThatCanUseMoreThanItHas() {
        Trust trust = after(3, idle().usable(mib(400) * 1024, Duration.ZERO), mib(512));

        assertThat(trust.isDoubted(NOW.plusMinutes(59))).isTrue();
        assertThat(trust.isDoubted(NOW.plusMinutes(61))).isFalse();
    }

    @Test
    void forgivesOneOddity() {
        assertThat(after(2, idle().usable(mib(600), Duration.ZERO), mib(512)).isDoubted(NOW))
                .isFalse();
    }

    @Test
    void doubtsABalloonThatFreesNothing() {
        Vm hollow = idle().balloon(mib(200)).resident(mib(512)).usable(mib(60), Duration.ZERO);

        assertThat(after(3, hollow, mib(200)).isDoubted(NOW)).isTrue();
    }

    @Test
    void doubtsAFigureThatStaysWhileItsBalloonMoves() {
        Trust trust = Trust.FULL.observed(idle().memory(), mib(512), NOW);
        for (int i = 0; i < 3; i++) {
            trust = trust.observed(idle().balloon(mib(420)).memory(), mib(512), NOW);
        }
        assertThat(trust.isDoubted(NOW)).isTrue();
    }
}
