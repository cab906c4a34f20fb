package io.memfabric.agent.systemd;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.ClosedChannelException;

/// A connected stream socket, blocking. One thread reads, one writes at a time, any closes: the end
/// of the connection wakes those who wait in a call.
final class DescriptorChannel implements ByteChannel {

    /// What of a buffer on the heap is moved at once; only the handshake has such.
    private static final int BOUNCE = 4096;

    private final Descriptor descriptor;

    DescriptorChannel(int number) {
        descriptor = new Descriptor(number);
    }

    @Override
    public int read(ByteBuffer to) throws IOException {
        if (!to.hasRemaining()) {
            return 0;
        }
        int number = descriptor.enter();
        try {
            long read =
                    to.isDirect()
                            ? Posix.read(number, MemorySegment.ofBuffer(to))
                            : readToHeap(number, to);
            if (!descriptor.isOpen()) {
                throw new ClosedChannelException();
            }
            if (read < 0) {
                throw new IOException("read: errno " + -read);
            }
            if (read == 0) {
                return -1;
            }
            if (to.isDirect()) {
                to.position(to.position() + (int) read);
            }
            return (int) read;
        } finally {
            descriptor.leave();
        }
    }

    private static long readToHeap(int number, ByteBuffer to) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment bounce = arena.allocate(Math.min(to.remaining(), BOUNCE));
            long read = Posix.read(number, bounce);
            if (read > 0) {
                to.put(bounce.asSlice(0, read).asByteBuffer());
            }
            return read;
        }
    }

    @Override
    public int write(ByteBuffer from) throws IOException {
        if (!from.hasRemaining()) {
            return 0;
        }
        int number = descriptor.enter();
        try {
            int sent =
                    from.isDirect()
                            ? (int) Posix.send(number, MemorySegment.ofBuffer(from))
                            : sendFromHeap(number, from);
            from.position(from.position() + sent);
            return sent;
        } finally {
            descriptor.leave();
        }
    }

    private static int sendFromHeap(int number, ByteBuffer from) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment bounce = arena.allocate(Math.min(from.remaining(), BOUNCE));
            bounce.asByteBuffer().put(from.slice().limit((int) bounce.byteSize()));
            return (int) Posix.send(number, bounce);
        }
    }

    @Override
    public boolean isOpen() {
        return descriptor.isOpen();
    }

    @Override
    public void close() {
        descriptor.shutDownAndClose();
    }
}
