package io.memfabric.contract.guest;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

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
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

final class GuestFrameCodecTest {

    private static final long MOST = Long.MAX_VALUE;

    /// What each vector means. The daemon's tests have the same table.
    private static final Map<String, GuestFrame> MEANINGS =
            Map.ofEntries(
                    Map.entry("hello", new Hello(7, boot("0123456789abcdef"), 256)),
                    Map.entry("hello-of-nothing", new Hello(0, new UUID(0, 0), 0)),
                    Map.entry("hello-all-bits", new Hello(-1, new UUID(-1, -1), -1)),
                    Map.entry("stats", stats(1234, 10_364, 9_559)),
                    Map.entry("stats-without-psi", stats(-1, 0, 0)),
                    Map.entry("stats-zero", new Stats(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)),
                    Map.entry(
                            "stats-largest",
                            new Stats(
                                    MOST, MOST, MOST, MOST, MOST, 10_000, MOST, MOST, MOST, MOST,
                                    MOST, MOST)),
                    Map.entry("reply-ok", new Reply(1, ReplyCode.OK, 0)),
                    Map.entry("reply-wrong-size", new Reply(2, ReplyCode.WRONG_SIZE, 536_870_912)),
                    Map.entry(
                            "reply-would-not-fit",
                            new Reply(3, ReplyCode.WOULD_NOT_FIT, 287_097_652)),
                    Map.entry("reply-kernel-error", new Reply(4, ReplyCode.KERNEL_ERROR, 12)),
                    Map.entry("reply-bad-request", new Reply(5, ReplyCode.BAD_REQUEST, 0)),
                    Map.entry("reply-all-bits", new Reply(-1, ReplyCode.BUSY, -1)),
                    Map.entry("configure-second", new Configure(1000)),
                    Map.entry("configure-least", new Configure(100)),
                    Map.entry("configure-most", new Configure(60_000)),
                    Map.entry(
                            "swap-on", new SwapOn(6, 536_870_912, "g-0123456789abcdef99", 32_767)),
                    Map.entry("swap-on-short-serial", new SwapOn(7, 67_108_864, "g-1", 0)),
                    Map.entry("swap-on-largest", new SwapOn(-1, MOST, "ABCDEFGHIJKLMNOPQRST", 1)),
                    Map.entry("swap-off", new SwapOff(8, "g-0123456789abcdef99")),
                    Map.entry("swap-off-short-serial", new SwapOff(9, "z")),
                    Map.entry("thresholds", new Thresholds(30_000, 1_000_000)),
                    Map.entry("thresholds-least", new Thresholds(1000, 500_000)),
                    Map.entry("thresholds-most", new Thresholds(10_000_000, 10_000_000)),
                    Map.entry("reclaim", new Reclaim(10, 134_217_728)),
                    Map.entry("reclaim-a-byte", new Reclaim(-1, 1)),
                    Map.entry("reclaim-largest", new Reclaim(11, 1 << 30)));

    @Test
    void decodesEveryVectorToItsMeaning() throws IOException {
        Map<String, GuestFrame> decoded = new HashMap<>();
        for (var vector : Vectors.read().frames().entrySet()) {
            decoded.put(
                    vector.getKey(), GuestFrameCodec.decode(ByteBuffer.wrap(vector.getValue())));
        }
        assertThat(decoded).containsExactlyInAnyOrderEntriesOf(MEANINGS);
    }

    @Test
    void encodesEveryMeaningToItsVector() throws IOException {
        Vectors.read()
                .frames()
                .forEach(
                        (name, bytes) ->
                                assertThat(GuestFrameCodec.encode(meaning(name)))
                                        .as(name)
                                        .isEqualTo(bytes));
    }

    @Test
    void refusesEveryMalformedVector() throws IOException {
        var refused = Vectors.read().refused();
        assertThat(refused).hasSizeGreaterThan(30);
        refused.forEach(
                (name, bytes) ->
                        assertThatThrownBy(() -> GuestFrameCodec.decode(ByteBuffer.wrap(bytes)))
                                .as(name)
                                .isInstanceOf(MalformedFrameException.class));
    }

    @Test
    void readsOneFrameAfterTheOtherFromABuffer() throws IOException {
        var frames = Vectors.read().frames();
        ByteBuffer stream = ByteBuffer.allocate(8192);
        frames.values().forEach(stream::put);
        stream.flip();
        for (String name : frames.keySet()) {
            assertThat(GuestFrameCodec.decode(stream)).as(name).isEqualTo(meaning(name));
        }
        assertThat(stream.hasRemaining()).isFalse();
    }

    @Test
    void waitsForALengthThatIsNotCompleteYet() throws IOException {
        assertThat(GuestFrameCodec.frameLength(ByteBuffer.wrap(new byte[3]))).isEqualTo(-1);
        assertThat(GuestFrameCodec.frameLength(ByteBuffer.wrap(new byte[] {0, 0, 0, 8})))
                .isEqualTo(12);
    }

    private static GuestFrame meaning(String name) {
        return requireNonNull(MEANINGS.get(name), name);
    }

    private static UUID boot(String half) {
        long bits = Long.parseUnsignedLong(half, 16);
        return new UUID(bits, bits);
    }

    private static Stats stats(long centipercent, long someMicros, long fullMicros) {
        return new Stats(
                161_878_016,
                129_904_640,
                134_606_848,
                536_866_816,
                268_433_408,
                centipercent,
                someMicros,
                fullMicros,
                42,
                43,
                44,
                45);
    }
}
