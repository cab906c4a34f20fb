package io.memfabric.agent.nbd;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;

/// Exact reads and whole writes for the handshake, which must not read a byte too far: what follows
/// belongs to the transmission.
final class HandshakeStream {

    private ByteChannel channel;

    HandshakeStream(ByteChannel channel) {
        this.channel = channel;
    }

    /// Goes on over another channel. Nothing of the old one was read too far.
    void continueOn(ByteChannel other) {
        channel = other;
    }

    /// The next `length` bytes.
    ///
    /// @throws EOFException where the peer closed before
    ByteBuffer read(int length) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(length);
        while (bytes.hasRemaining()) {
            if (channel.read(bytes) < 0) {
                throw new EOFException("the peer closed in the handshake");
            }
        }
        return bytes.flip();
    }

    void write(ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }
}
