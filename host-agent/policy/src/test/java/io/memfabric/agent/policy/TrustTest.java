package io.memfabric.agent.policy;

import static io.memfabric.agent.policy.BalloonCases.NOW;
import static io.memfabric.agent.policy.BalloonCases.idle;
import static io.memfabric.agent.policy.BalloonCases.mib;
import static org.assertj.core.api.Assertions.assertThat;

import io.memfabric.agent.policy.BalloonCases.Vm;
import io.memfabric.agent.policy.Trust.Oddity;
import java.time.Duration;
import org.junit.jupiter.api.Test;

final class TrustTest {

    /// A report every second.
    private static Trust after(int seconds, Vm vm, long largest) {
        Trust trust = Trust.FULL;
        for (int second = 0; second < seconds; second++) {
            trust = trust.observed(vm.memory(), largest, at(second));
        }
        return trust;
    }

    private static Duration at(int second) {
        return NOW.plusSeconds(second);
    }

    @Test
    void believesAGuestWhoseWordsFit() {
        assertThat(after(60, idle(), mib(512)).isDoubted(NOW)).isFalse();
    }

    @Test
    void doubtsForAnHourAGuestThatCanUseMoreThanItHas() {
        Trust trust = after(3, idle().usable(mib(400) * 1024, Duration.ZERO), mib(512));

        assertThat(trust.oddity()).isEqualTo(Oddity.MORE_THAN_IT_HAS);
        assertThat(trust.isDoubted(NOW.plusMinutes(59))).isTrue();
        assertThat(trust.isDoubted(NOW.plusMinutes(61))).isFalse();
    }

    @Test
    void forgivesOneOddity() {
        assertThat(after(2, idle().usable(mib(600), Duration.ZERO), mib(512)).isDoubted(NOW))
                .isFalse();
    }

    @Test
    void believesAGuestWhosePageCacheTheHostHolds() {
        // It uses 60 MiB; the host holds all that its balloon left it.
        Vm cached = idle().balloon(mib(300)).resident(mib(300)).usable(mib(240), Duration.ZERO);

        assertThat(after(120, cached, mib(300)).isDoubted(NOW)).isFalse();
    }

    @Test
    void doubtsABalloonThatFreesNothing() {
        Vm hollow = idle().balloon(mib(200)).resident(mib(512)).usable(mib(60), Duration.ZERO);

        assertThat(after(30, hollow, mib(200)).isDoubted(at(30))).isFalse();
        assertThat(after(31, hollow, mib(200)).oddity()).isEqualTo(Oddity.HOLLOW);
        assertThat(after(31, hollow, mib(200)).isDoubted(at(30))).isTrue();
    }

    @Test
    void doubtsAFigureThatStaysWhileItsBalloonMoves() {
        Trust trust = after(6, idle(), mib(512));
        for (int second = 6; second < 9; second++) {
            trust = trust.observed(idle().balloon(mib(420)).memory(), mib(512), at(second));
        }
        assertThat(trust.oddity()).isEqualTo(Oddity.FROZEN);
        assertThat(trust.isDoubted(NOW)).isTrue();
    }

    @Test
    void believesAnIdleGuestThatTellsItsFigureBeforeTheHostSeesItsSize() {
        Vm told = idle().usable(mib(300), Duration.ZERO);
        Trust trust = Trust.FULL.observed(told.memory(), mib(512), NOW);
        for (int second = 1; second < 60; second++) {
            trust = trust.observed(told.balloon(mib(412)).memory(), mib(512), at(second));
        }
        assertThat(trust.isDoubted(NOW)).isFalse();
    }

    @Test
    void believesABusyGuestThatReportsLate() {
        Trust trust = Trust.FULL.observed(idle().memory(), mib(512), NOW);
        for (int tick = 1; tick <= 12; tick++) {
            Duration passed = Duration.ofMillis(250L * tick);
            Vm moved = idle().balloon(mib(420)).usable(mib(400), passed.plusSeconds(1));
            trust = trust.observed(moved.memory(), mib(512), NOW.plus(passed));
        }
        assertThat(trust.isDoubted(NOW)).isFalse();
    }
}
