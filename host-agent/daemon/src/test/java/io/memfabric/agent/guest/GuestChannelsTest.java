package io.memfabric.agent.guest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.memfabric.contract.guest.GuestFrame.Configure;
import io.memfabric.contract.guest.GuestFrame.Hello;
import io.memfabric.contract.guest.GuestFrame.Reclaim;
import io.memfabric.contract.guest.GuestFrame.Reply;
import io.memfabric.contract.guest.GuestFrame.ReplyCode;
import io.memfabric.contract.guest.GuestFrame.Stats;
import io.memfabric.contract.guest.GuestFrame.SwapOff;
import io.memfabric.contract.guest.GuestFrame.SwapOn;
import io.memfabric.contract.guest.GuestFrame.Thresholds;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class GuestChannelsTest {

    private static final UUID VM = new UUID(0, 1);
    private static final Duration LONG = Duration.ofSeconds(20);
    private static final Hello HELLO = new Hello(7, new UUID(1, 1), 1);

    @TempDir private Path folder;

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

    private static void await(String what, BooleanSupplier condition) {
        long deadline = System.nanoTime() + LONG.toNanos();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("not seen: " + what);
            }
            Thread.onSpinWait();
        }
    }

    private static Stats stats(long available, long centipercent) {
        return new Stats(512, 100, available, 0, 0, centipercent, 1, 1, 1, 1, 1, 1);
    }

    @Test
    void asksAGuestToSayHello() throws Exception {
        BlockingQueue<Object> received = new LinkedBlockingQueue<>();
        try (FakeGuest _ =
                guest(
                        line -> {
                            received.add(line.receive());
                            line.send(HELLO);
                            line.receiveForEver();
                        })) {
            channels.awaitHello(VM, LONG);
            assertThat(received.poll(20, TimeUnit.SECONDS)).isEqualTo(new Configure(250));
        }
    }

    @Test
    void keepsWhatAGuestLastSaid() throws Exception {
        try (FakeGuest _ =
                guest(
                        line -> {
                            line.send(stats(300, 1250));
                            line.receiveForEver();
                        })) {
            await("a hint", () -> channels.hint(VM).isPresent());
            GuestHint hint = channels.hint(VM).orElseThrow();
            assertThat(hint.availableBytes()).isEqualTo(300);
            assertThat(hint.pressureCentipercent()).isEqualTo(1250);
        }
    }

    @Test
    void bringsPressureIntoItsRange() throws Exception {
        try (FakeGuest _ =
                guest(
                        line -> {
                            line.send(stats(300, Long.MAX_VALUE));
                            line.receiveForEver();
                        })) {
            await("a hint", () -> channels.hint(VM).isPresent());
            assertThat(channels.hint(VM).orElseThrow().pressureCentipercent()).isEqualTo(10_000);
        }
    }

    @Test
    void asksAndGetsTheAnswerToThatQuestion() throws Exception {
        try (FakeGuest _ =
                guest(
                        line -> {
                            line.receive();
                            line.send(HELLO);
                            SwapOn on = (SwapOn) line.receiveRequest();
                            line.send(new Reply(on.requestId() + 1, ReplyCode.BAD_REQUEST, 0));
                            line.send(new Reply(on.requestId(), ReplyCode.WRONG_SIZE, 77));
                            SwapOff off = (SwapOff) line.receiveRequest();
                            line.send(new Reply(off.requestId(), ReplyCode.OK, 0));
                            line.receiveForEver();
                        })) {
            channels.awaitHello(VM, LONG);
            Reply on = channels.swapOn(VM, "mf-1", 1 << 20, LONG);
            Reply off = channels.swapOff(VM, "mf-1", LONG);

            assertThat(on.code()).isEqualTo(ReplyCode.WRONG_SIZE);
            assertThat(on.detail()).isEqualTo(77);
            assertThat(off.code()).isEqualTo(ReplyCode.OK);
        }
    }

    @Test
    void setsThresholdsAndAsksForWhatIsNotFreeYet() throws Exception {
        BlockingQueue<Object> received = new LinkedBlockingQueue<>();
        try (FakeGuest _ =
                guest(
                        line -> {
                            line.receive();
                            line.send(new Hello(31, new UUID(1, 1), 1));
                            line.send(stats(300, 0));
                            received.add(line.receiveRequest());
                            Reclaim reclaim = (Reclaim) line.receiveRequest();
                            received.add(reclaim.bytes());
                            line.send(new Reply(reclaim.requestId(), ReplyCode.OK, 0));
                            line.receiveForEver();
                        })) {
            await("a hint", () -> channels.hint(VM).isPresent());
            channels.reclaim(VM, 100, LONG);
            channels.reclaim(VM, 250, LONG);

            assertThat(received.poll(20, TimeUnit.SECONDS))
                    .isEqualTo(new Thresholds(30_000, 1_000_000));
            assertThat(received.poll(20, TimeUnit.SECONDS)).isEqualTo(150L);
        }
    }

    @Test
    void asksNothingNewOfADaemonThatDoesNotKnowIt() throws Exception {
        BlockingQueue<Object> received = new LinkedBlockingQueue<>();
        try (FakeGuest _ =
                guest(
                        line -> {
                            line.receive();
                            line.send(HELLO);
                            line.send(stats(300, 0));
                            SwapOff off = (SwapOff) line.receiveRequest();
                            received.add(off);
                            line.send(new Reply(off.requestId(), ReplyCode.OK, 0));
                            line.receiveForEver();
                        })) {
            await("a hint", () -> channels.hint(VM).isPresent());
            channels.reclaim(VM, 1 << 20, LONG);
            channels.swapOff(VM, "mf-1", LONG);

            assertThat(received).hasSize(1);
        }
    }

    @Test
    void stopsWaitingForAGuestThatDoesNotAnswer() throws Exception {
        try (FakeGuest _ =
                guest(
                        line -> {
                            line.send(HELLO);
                            line.receiveForEver();
                        })) {
            channels.awaitHello(VM, LONG);

            assertThatExceptionOfType(GuestSilentException.class)
                    .isThrownBy(() -> channels.swapOff(VM, "mf-1", Duration.ofMillis(20)));
        }
    }

    @Test
    void stopsWaitingWhereTheChannelBreaks() throws Exception {
        try (FakeGuest _ =
                guest(
                        line -> {
                            line.receive();
                            line.send(HELLO);
                            line.receive();
                        })) {
            channels.awaitHello(VM, LONG);

            assertThatExceptionOfType(GuestSilentException.class)
                    .isThrownBy(() -> channels.swapOff(VM, "mf-1", LONG));
        }
    }

    @Test
    void connectsAgainAfterAGuestWentAway() throws Exception {
        AtomicInteger lives = new AtomicInteger();
        try (FakeGuest _ =
                guest(
                        line -> {
                            if (lives.incrementAndGet() > 2) {
                                line.send(HELLO);
                                line.receiveForEver();
                            }
                        })) {
            channels.awaitHello(VM, LONG);
            assertThat(lives.get()).isGreaterThanOrEqualTo(3);
        }
    }

    @Test
    void keepsAwayFromAGuestAfterThreeMalformedFrames() throws Exception {
        try (FakeGuest guest =
                guest(
                        line -> {
                            line.sendBytes(new byte[] {0, 0, 0, 4, 9, 9, 9, 9});
                            line.receiveForEver();
                        })) {
            await("three connections", () -> guest.connections() == 3);
            await("the ban", () -> channels.isBanned(VM));

            assertThat(guest.connections()).isEqualTo(3);
        }
    }

    @Test
    void doesNotTakeAHostsFrameFromAGuest() throws Exception {
        try (FakeGuest guest =
                guest(
                        line -> {
                            line.send(new SwapOff(1, "mf-1"));
                            line.receiveForEver();
                        })) {
            await("the ban", () -> channels.isBanned(VM));

            assertThat(guest.connections()).isEqualTo(3);
        }
    }

    @Test
    void survivesRubbishOfEveryKind() throws Exception {
        for (long seed = 0; seed < 30; seed++) {
            Random random = new Random(seed);
            Path socket = folder.resolve("rubbish-" + seed);
            UUID vm = new UUID(1, seed);
            try (FakeGuest _ =
                    FakeGuest.at(
                            socket,
                            line -> {
                                byte[] bytes = new byte[random.nextInt(1, 9000)];
                                random.nextBytes(bytes);
                                if (random.nextBoolean()) {
                                    bytes[0] = 0;
                                }
                                line.sendBytes(bytes);
                                line.sendBytes(bytes);
                            })) {
                channels.reconcile(Map.of(vm, socket));
                await("the ban, seed " + seed, () -> channels.isBanned(vm));
                assertThat(channels.hint(vm)).as("seed %s", seed).isEmpty();
            }
        }
    }

    @Test
    void saysThatAVmHasNoChannel() {
        assertThatExceptionOfType(GuestSilentException.class)
                .isThrownBy(() -> channels.awaitHello(VM, Duration.ZERO))
                .withMessageContaining("no channel");
    }

    @Test
    void forgetsAVmThatIsGone() throws Exception {
        try (FakeGuest _ =
                guest(
                        line -> {
                            line.send(HELLO);
                            line.receiveForEver();
                        })) {
            channels.awaitHello(VM, LONG);
            channels.reconcile(Map.of());

            assertThatExceptionOfType(GuestSilentException.class)
                    .isThrownBy(() -> channels.swapOff(VM, "mf-1", LONG));
        }
    }
}
