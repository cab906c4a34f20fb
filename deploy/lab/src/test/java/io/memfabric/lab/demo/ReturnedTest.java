package io.memfabric.lab.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.memfabric.contract.vocabulary.MemorySize;
import org.junit.jupiter.api.Test;

final class ReturnedTest {

    private static final MemorySize GRANTED = MemorySize.ofMib(256);

    private static double share(long balloonBefore, long balloonNow, long regionsBefore, long now) {
        return new Returned(
                        MemorySize.ofMib(balloonBefore),
                        MemorySize.ofMib(balloonNow),
                        MemorySize.ofMib(regionsBefore),
                        MemorySize.ofMib(now))
                .shareOf(GRANTED);
    }

    @Test
    void memoryIsBackWhenTheVmHasItAndTheRegionsAreGone() {
        assertThat(share(128, 512, 320, 0)).isEqualTo(1.0);
    }

    @Test
    void regionsThatStayHoldTheirMemoryBack() {
        assertThat(share(128, 512, 320, 192)).isEqualTo(0.5);
    }

    @Test
    void aBalloonThatStaysHoldsItsMemoryBack() {
        assertThat(share(128, 192, 320, 0)).isEqualTo(0.25);
    }

    @Test
    void nothingIsBackWhileTheBalloonTakesMore() {
        assertThat(share(128, 100, 320, 0)).isZero();
    }
}
