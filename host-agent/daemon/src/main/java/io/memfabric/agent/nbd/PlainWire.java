package io.memfabric.agent.nbd;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/// A socket's own reads and writes.
record PlainWire(SocketChannel socket) implements Wire {

    @Override
    public int read(ByteBuffer to) throws IOException {
        return socket.read(to);
    }

    @Override
    public int write(ByteBuffer from) throws IOException {
        int bytes = from.remaining();
        while (from.hasRemaining()) {
            socket.write(from);
        }
        return bytes;
    }

    @Override
    public long write(ByteBuffer[] sources, int offset, int length) throws IOException {
        long bytes = 0;
        int first = offset;
        int end = offset + length;
        while (first < end) {
            if (sources[first].hasRemaining()) {
                bytes += socket.write(sources, first, end - first);
            } else {
                first++;
            }
        }
        return bytes;
    }

    @Override
    public boolean isOpen() {
        return socket.isOpen();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
