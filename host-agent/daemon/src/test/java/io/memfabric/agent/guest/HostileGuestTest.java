package io.memfabric.agent.guest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.memfabric.contract.guest.GuestFrame.Hello;
import io.memfabric.contract.guest.GuestFrame.Reply;
import io.memfabric.contract.guest.GuestFrame.ReplyCode;
import io.memfabric.contract.guest.GuestFrame.Stats;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Case 23 of the reliability specification, on the host's end of the guest channel. What a guest
/// can do to a disk is tested with the disks.
final class HostileGuestTest {

    private static final UUID VM = new UUID(0, 1);
    private static final Duration LONG = Duration.ofSeconds(20);
    private static final Hello HELLO = new Hello(7, new UUID(1, 1), 1);

    @TempDir private Path folder;

    private final Semaphore spoke = new Semaphore(0);
    private final GuestChannels channels =
            new GuestChannels(new GuestPatience(Duration.ofMillis(1), LONG, Duration.ofHours(1)));

    @AfterEach
    void close() {
        channels.close();
    }

    private FakeGuest guest(FakeGuest.Life life) throws IOException {
        Path socket = folder.resolve("guest.sock");
        FakeGuest guest = FakeGuest.at(socket, life);
        channels.reconcile(Map.of(VM, socket));
        return guest;
    }

    private boolean speaks(int times) throws InterruptedException {
        return spoke.tryAcquire(times, LONG.toSeconds(), TimeUnit.SECONDS);
    }

    @Test
    void case23AFloodIsReadNoFasterThanAGuestMaySpeak() throws Exception {
        channels.whenHeard(_ -> spoke.release());
        try (FakeGuest _ =
                guest(
                        line -> {
                            line.send(HELLO);
                            for (int i = 0; i < 1_000_000; i++) {
                                line.send(new Stats(512, 100, i, 0, 0, i % 2, 1, 1, 1, 1, 1, 1));
                            }
                        })) {
            assertThat(speaks(1)).isTrue();
            long start = System.nanoTime();
            assertThat(speaks(30)).isTrue();
            assertThat(System.nanoTime() - start).isGreaterThan(TimeUnit.SECONDS.toNanos(2));
            assertThat(channels.isBanned(VM)).isFalse();
        }
    }

    @Test
    void case23ALengthOfFourGibIsNoFrame() throws Exception {
        try (FakeGuest guest =
                guest(
                        line -> {
                            line.sendBytes(new byte[] {-1, -1, -1, -1});
                            line.receiveForEver();
                        })) {
            long deadline = System.nanoTime() + LONG.toNanos();
            while (!channels.isBanned(VM) && System.nanoTime() < deadline) {
                Thread.onSpinWait();
            }
            assertThat(channels.isBanned(VM)).isTrue();
            assertThat(guest.connections()).isEqualTo(3);
        }
    }

    @Test
    void case23AnswersToWhatNobodyAskedMeanNothing() throws Exception {
        channels.whenHeard(_ -> spoke.release());
        try (FakeGuest _ =
                guest(
                        line -> {
                            line.send(HELLO);
                            for (long id = 0; id < 5; id++) {
                                line.send(new Reply(id, ReplyCode.OK, 0));
                            }
                            line.send(new Stats(512, 100, 1, 0, 0, 0, 1, 1, 1, 1, 1, 1));
                            line.receiveForEver();
                        })) {
            // "Swapped off", before anybody asked for it: the request that comes gets no answer.
            assertThat(speaks(1)).isTrue();
            assertThat(channels.isBanned(VM)).isFalse();
            assertThatExceptionOfType(GuestSilentException.class)
                    .isThrownBy(() -> channels.swapOff(VM, "mf-1", Duration.ofMillis(50)));
        }
    }
}
