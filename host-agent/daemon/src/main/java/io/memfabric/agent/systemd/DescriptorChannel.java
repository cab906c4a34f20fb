package io.memfabric.agent.systemd;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.ClosedChannelException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;

/// A connected stream socket, blocking. One thread reads, one writes at a time, any closes: the end
/// of the connection wakes those who wait in a call, and the last of them gives the descriptor back,
/// so that its number is never used for another's.
final class DescriptorChannel implements ByteChannel {

    /// What of a buffer on the heap is moved at once; only the handshake has such.
    private static final int BOUNCE = 4096;

    private final int descriptor;
    private final AtomicBoolean closed = new AtomicBoolean();

    /// The owner and the calls that are under way.
    private final AtomicInteger users = new AtomicInteger(1);

    DescriptorChannel(int descriptor) {
        this.descriptor = descriptor;
    }

    @Override
    public int read(ByteBuffer to) throws IOException {
        if (!to.hasRemaining()) {
            return 0;
        }
        enter();
        try {
            long read =
                    to.isDirect()
                            ? Posix.read(descriptor, MemorySegment.ofBuffer(to))
                            : readToHeap(to);
            if (closed.get()) {
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
            leave();
        }
    }

    private long readToHeap(ByteBuffer to) {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment bounce = arena.allocate(Math.min(to.remaining(), BOUNCE));
            long read = Posix.read(descriptor, bounce);
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
        enter();
        try {
            int sent =
                    from.isDirect()
                            ? (int) Posix.send(descriptor, MemorySegment.ofBuffer(from))
                            : sendFromHeap(from);
            from.position(from.position() + sent);
            return sent;
        } finally {
            leave();
        }
    }

    private int sendFromHeap(ByteBuffer from) throws IOException {
        try (Arena arena = Arena.ofConfined()) {
            MemorySegment bounce = arena.allocate(Math.min(from.remaining(), BOUNCE));
            bounce.asByteBuffer().put(from.slice().limit((int) bounce.byteSize()));
            return (int) Posix.send(descriptor, bounce);
        }
    }

    private void enter() throws ClosedChannelException {
        int now;
        do {
            now = users.get();
            if (now == 0 || closed.get()) {
                throw new ClosedChannelException();
            }
        } while (!users.compareAndSet(now, now + 1));
    }

    private void leave() {
        if (users.decrementAndGet() == 0) {
            Posix.close(descriptor);
        }
    }

    @Override
    public boolean isOpen() {
        return !closed.get();
    }

    @Override
    public void close() {
        if (closed.compareAndSet(false, true)) {
            Posix.shutdown(descriptor);
            leave();
        }
    }
}
