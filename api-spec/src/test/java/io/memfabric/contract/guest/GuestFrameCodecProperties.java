package io.memfabric.contract.guest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;

/// Hostile bytes: whatever a guest sends is a frame or a [MalformedFrameException].
final class GuestFrameCodecProperties {

    private static final int ROUNDS = 200_000;

    private final long seed =
            Long.getLong("memfabric.seed", new SplittableRandom().nextLong(Long.MAX_VALUE));
    private final SplittableRandom random = new SplittableRandom(seed);

    @Test
    void survivesChangedFramesAndEncodesBackWhatItAccepts() throws IOException {
        List<byte[]> frames = List.copyOf(Vectors.read().frames().values());
        int accepted = 0;
        for (int i = 0; i < ROUNDS; i++) {
            byte[] bytes = changed(frames.get(random.nextInt(frames.size())));
            accepted += isAcceptedAndEncodedBack(bytes) ? 1 : 0;
        }
        assertThat(accepted).as("accepted, seed %d", seed).isBetween(1, ROUNDS - 1);
    }

    @Test
    void survivesRandomBytesBehindAPlausibleHeader() {
        for (int i = 0; i < ROUNDS; i++) {
            byte[] bytes = new byte[random.nextInt(130)];
            random.nextBytes(bytes);
            if (bytes.length > 8) {
                ByteBuffer.wrap(bytes).putInt(bytes.length - 4).put((byte) 1);
                bytes[5] = (byte) random.nextInt(20);
                bytes[6] = bytes[7] = 0;
            }
            isAcceptedAndEncodedBack(bytes);
        }
    }

    private boolean isAcceptedAndEncodedBack(byte[] bytes) {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        GuestFrame frame;
        try {
            frame = GuestFrameCodec.decode(in);
        } catch (MalformedFrameException _) {
            return false;
        }
        byte[] consumed = Arrays.copyOf(bytes, in.position());
        assertThat(GuestFrameCodec.encode(frame)).as("seed %d", seed).isEqualTo(consumed);
        return true;
    }

    private byte[] changed(byte[] frame) {
        byte[] bytes = Arrays.copyOf(frame, frame.length + random.nextInt(-4, 5));
        for (int n = random.nextInt(3); n > 0 && bytes.length > 0; n--) {
            bytes[random.nextInt(bytes.length)] =
                    random.nextBoolean() ? (byte) random.nextInt() : (byte) 0xff;
        }
        return bytes;
    }
}
