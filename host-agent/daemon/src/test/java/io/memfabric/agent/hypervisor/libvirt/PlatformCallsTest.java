package io.memfabric.agent.hypervisor.libvirt;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.memfabric.agent.hypervisor.HypervisorException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class PlatformCallsTest {

    private static final Duration LONG = Duration.ofSeconds(20);
    private static final Duration SHORT = Duration.ofMillis(20);

    private final PlatformCalls calls = new PlatformCalls();
    private final CountDownLatch release = new CountDownLatch(1);

    @AfterEach
    void close() {
        release.countDown();
        calls.close();
    }

    private void hang(String key) {
        assertThatExceptionOfType(HypervisorException.class)
                .isThrownBy(
                        () ->
                                calls.call(
                                        key,
                                        SHORT,
                                        () -> {
                                            release.await();
                                            return key;
                                        }))
                .satisfies(e -> assertThat(e.code()).isEqualTo("libvirt_timeout"));
    }

    @Test
    void answersOnAPlatformThread() throws HypervisorException {
        assertThat(calls.call("a", LONG, () -> Thread.currentThread().isVirtual())).isFalse();
    }

    @Test
    void doesNotWaitForAHangingCall() {
        hang("a");
    }

    @Test
    void makesNoSecondCallAboutWhatHangs() {
        hang("a");

        assertThatExceptionOfType(HypervisorException.class)
                .isThrownBy(() -> calls.call("a", LONG, () -> "never"))
                .satisfies(e -> assertThat(e.code()).isEqualTo("vm_busy"));
    }

    @Test
    void goesOnWithTheOthers() throws HypervisorException {
        hang("a");

        assertThat(calls.call("b", LONG, () -> "answer")).isEqualTo("answer");
    }

    @Test
    void takesCallsAgainOnceTheHangingOneReturned() throws HypervisorException {
        hang("a");
        release.countDown();
        long deadline = System.nanoTime() + LONG.toNanos();
        while (true) {
            try {
                assertThat(calls.call("a", LONG, () -> "answer")).isEqualTo("answer");
                return;
            } catch (HypervisorException e) {
                assertThat(System.nanoTime()).isLessThan(deadline);
            }
        }
    }

    @Test
    void boundsTheThreadsThatHang() {
        for (int i = 0; i < 64; i++) {
            calls.tryInBackground("hang " + i, () -> awaitRelease());
        }

        assertThatExceptionOfType(HypervisorException.class)
                .isThrownBy(() -> calls.call("one more", LONG, () -> "never"))
                .satisfies(e -> assertThat(e.code()).isEqualTo("vm_busy"));
    }

    private void awaitRelease() {
        try {
            release.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void passesOnWhatTheCallThrew() {
        HypervisorException failure =
                new HypervisorException(HypervisorException.VM_NOT_FOUND, "gone");

        assertThatExceptionOfType(HypervisorException.class)
                .isThrownBy(
                        () ->
                                calls.call(
                                        "a",
                                        LONG,
                                        () -> {
                                            throw failure;
                                        }))
                .isSameAs(failure);
    }
}
