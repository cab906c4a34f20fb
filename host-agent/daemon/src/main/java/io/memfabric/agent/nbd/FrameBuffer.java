package io.memfabric.agent.nbd;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;

/// Memory into which a stream of frames is received, many at once, and in which each lies whole.
/// Used again from its start as soon as it is empty, so that a busy connection stays in the
/// processor's cache.
public final class FrameBuffer {

    /// How much is received at once: two requests of 128 KiB with their headers, so that a stream of
    /// them never leaves a half one to be moved. Much more falls out of the nearer caches.
    private static final int BATCH = (256 << 10) + 64;

    private final int maxFrame;
    private ByteBuffer memory;
    private int start;
    private int end;

    /// @param maxFrame the longest frame that will be asked for
    public FrameBuffer(int maxFrame) {
        this.maxFrame = maxFrame;
        this.memory = ByteBuffer.allocateDirect(BATCH);
    }

    /// The memory; another one after [#receive], whose caller asked for a longer frame than ever.
    public ByteBuffer memory() {
        return memory;
    }

    /// Where the first byte lies that was not yet taken.
    public int start() {
        return start;
    }

    /// How many bytes lie there.
    public int available() {
        return end - start;
    }

    /// Takes bytes away from the start.
    public void take(int bytes) {
        start += bytes;
        if (start == end) {
            start = 0;
            end = 0;
        }
    }

    /// Receives at least one byte.
    ///
    /// @param frame the length of the frame that begins at the start, as far as it is known
    /// @return false at the end of the stream
    public boolean receive(ReadableByteChannel channel, int frame) throws IOException {
        makeRoomFor(frame);
        int limit = Math.min(memory.capacity(), Math.max(end + BATCH, start + frame));
        memory.limit(limit).position(end);
        int received = channel.read(memory);
        memory.clear();
        if (received < 0) {
            return false;
        }
        end += received;
        return true;
    }

    private void makeRoomFor(int frame) {
        if (frame > maxFrame) {
            throw new IllegalArgumentException("a frame of " + frame + " bytes");
        }
        if (start + frame <= memory.capacity() && end < memory.capacity()) {
            return;
        }
        ByteBuffer roomy = memory;
        if (frame > memory.capacity()) {
            roomy = ByteBuffer.allocateDirect(maxFrame + BATCH);
        }
        int kept = available();
        roomy.put(0, memory, start, kept);
        memory = roomy;
        start = 0;
        end = kept;
    }
}
