package io.memfabric.agent.guest;

import io.memfabric.contract.guest.GuestFrame;
import io.memfabric.contract.guest.GuestFrameCodec;
import io.memfabric.contract.guest.MalformedFrameException;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;

/// Reads frames into one buffer of fixed size, however much a guest sends.
final class FrameReader {

    private final ReadableByteChannel channel;
    private final ByteBuffer buffer = ByteBuffer.allocate(GuestFrameCodec.MAX_FRAME_BYTES).flip();

    FrameReader(ReadableByteChannel channel) {
        this.channel = channel;
    }

    /// The next frame; waits for it.
    ///
    /// @throws MalformedFrameException where the bytes are not one, or one that only a host sends
    /// @throws EOFException where the guest's side is closed
    GuestFrame next() throws IOException {
        while (true) {
            int length = GuestFrameCodec.frameLength(buffer);
            if (length >= 0 && buffer.remaining() >= length) {
                return GuestFrameCodec.decode(buffer);
            }
            buffer.compact();
            int read = channel.read(buffer);
            buffer.flip();
            if (read < 0) {
                throw new EOFException("the channel is closed");
            }
        }
    }
}
