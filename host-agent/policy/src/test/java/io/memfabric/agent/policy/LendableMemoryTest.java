package io.memfabric.agent.policy;

import static io.memfabric.agent.policy.BalloonCases.mib;
import static org.assertj.core.api.Assertions.assertThat;

import io.memfabric.contract.vocabulary.MemorySize;
import org.junit.jupiter.api.Test;

final class LendableMemoryTest {

    private static MemorySize lendable(
            long harvested, long available, long offered, long reserve, long limit) {
        return new LendableMemory(
                        mib(harvested), mib(available), mib(offered), mib(reserve), mib(limit))
                .size();
    }

    @Test
    void isWhatTheBalloonsFreed() {
        assertThat(lendable(300, 8000, 0, 1000, 9000)).isEqualTo(MemorySize.ofMib(300));
    }

    @Test
    void leavesTheReserveFree() {
        assertThat(lendable(300, 1100, 0, 1000, 9000)).isEqualTo(MemorySize.ofMib(100));
    }

    @Test
    void countsRegionsThatExistAsMemoryThatCouldBeFree() {
        assertThat(lendable(300, 900, 200, 1000, 9000)).isEqualTo(MemorySize.ofMib(100));
    }

    @Test
    void isNothingWhereTheReserveIsShort() {
        assertThat(lendable(300, 500, 200, 1000, 9000)).isEqualTo(MemorySize.ZERO);
    }

    @Test
    void obeysTheBrokersLimit() {
        assertThat(lendable(300, 8000, 0, 1000, 128)).isEqualTo(MemorySize.ofMib(128));
    }

    @Test
    void doesNotBelieveABalloonThatTheHostDoesNotSee() {
        assertThat(LendableMemory.freedByVm(mib(512), mib(200), mib(500))).isEqualTo(mib(12));
    }

    @Test
    void doesNotCountMemoryThatAGuestMerelyHasNotTouched() {
        assertThat(LendableMemory.freedByVm(mib(512), mib(512), mib(100))).isZero();
    }

    @Test
    void isNeverNegativeForAProcessLargerThanItsGuest() {
        assertThat(LendableMemory.freedByVm(mib(512), mib(200), mib(600))).isZero();
    }
}
