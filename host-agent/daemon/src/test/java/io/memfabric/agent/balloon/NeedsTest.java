package io.memfabric.agent.balloon;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;

final class NeedsTest {

    private static final UUID VM = new UUID(0, 1);

    @Test
    void aNeedEndsTheWait() throws InterruptedException {
        Needs needs = new Needs();
        needs.thresholds(Map.of(VM, 100L));
        AtomicBoolean over = new AtomicBoolean();
        Thread guest =
                Thread.startVirtualThread(
                        () -> {
                            while (!over.get()) {
                                needs.said(VM, 99);
                                Thread.onSpinWait();
                            }
                        });
        try {
            needs.await(Duration.ofHours(1));
        } finally {
            over.set(true);
            guest.join();
        }
    }

    @Test
    void case23AGuestThatFlipsEveryMomentMakesTheTicksNoFaster() throws InterruptedException {
        Needs needs = new Needs();
        needs.thresholds(Map.of(VM, 100L));
        AtomicBoolean over = new AtomicBoolean();
        Thread guest =
                Thread.startVirtualThread(
                        () -> {
                            for (long said = 0; !over.get(); said = 200 - said) {
                                needs.said(VM, said);
                            }
                        });
        long start = System.nanoTime();
        try {
            for (int tick = 0; tick < 5; tick++) {
                needs.await(Duration.ofSeconds(30));
            }
        } finally {
            over.set(true);
            guest.join();
        }
        assertThat(System.nanoTime() - start).isGreaterThanOrEqualTo(5 * 200_000_000L);
    }
}
