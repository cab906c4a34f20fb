package io.memfabric.agent.borrowing.export;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.util.concurrent.locks.ReentrantLock;

/// QEMU's connection, to which several threads write whole replies. After it has ended, writing to
/// it does nothing.
final class ClientConnection {

    private static final System.Logger LOG = System.getLogger(ClientConnection.class.getName());

    private final ByteChannel channel;
    private final ReentrantLock writing = new ReentrantLock();

    ClientConnection(ByteChannel channel) {
        this.channel = channel;
    }

    ByteChannel channel() {
        return channel;
    }

    /// Writes the bytes between two positions of `memory`, whose own position and limit it changes.
    void write(ByteBuffer memory, int from, int to) {
        memory.limit(to).position(from);
        writing.lock();
        try {
            while (memory.hasRemaining()) {
                channel.write(memory);
            }
        } catch (IOException e) {
            // A part of a reply may be out: nothing can follow on this connection.
            close();
        } finally {
            writing.unlock();
        }
    }

    void close() {
        try {
            channel.close();
        } catch (IOException e) {
            LOG.log(System.Logger.Level.DEBUG, "closing a client's connection", e);
        }
    }
}
