package io.memfabric.lab.demo;

import static org.assertj.core.api.Assertions.assertThat;

import io.memfabric.contract.vocabulary.MemorySize;
import org.junit.jupiter.api.Test;

final class HarvestedTest {

    private static Harvested harvested(long balloonAfter, long residentAfter) {
        return new Harvested(
                MemorySize.ofMib(400),
                MemorySize.ofMib(512),
                MemorySize.ofMib(balloonAfter),
                MemorySize.ofMib(500),
                MemorySize.ofMib(residentAfter));
    }

    @Test
    void whatTheHostDoesNotSeeFreedDoesNotCount() {
        assertThat(harvested(112, 480).bytes()).isEqualTo(MemorySize.ofMib(20));
    }

    @Test
    void whatTheBalloonDidNotTakeDoesNotCount() {
        assertThat(harvested(412, 100).bytes()).isEqualTo(MemorySize.ofMib(100));
    }

    @Test
    void theShareIsOfWhatTheGuestHadIdle() {
        assertThat(harvested(112, 100).shareOfIdle()).isEqualTo(1.0);
        assertThat(harvested(212, 100).shareOfIdle()).isEqualTo(0.75);
    }
}
