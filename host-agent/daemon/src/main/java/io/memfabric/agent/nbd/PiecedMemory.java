package io.memfabric.agent.nbd;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.GatheringByteChannel;
import java.util.List;

/// An export's memory: pieces of one size, one after the other. For one thread.
public final class PiecedMemory {

    private static final int ZEROES_BYTES = 64 << 10;
    private static final ByteBuffer ZEROES =
            ByteBuffer.allocateDirect(ZEROES_BYTES).asReadOnlyBuffer();

    private final ByteBuffer[] pieces;
    private final int pieceBytes;
    private final ByteBuffer[] gather = new ByteBuffer[2];

    /// Takes the pieces' content, not their positions.
    public PiecedMemory(List<ByteBuffer> pieces) {
        this.pieces = pieces.stream().map(ByteBuffer::duplicate).toArray(ByteBuffer[]::new);
        this.pieceBytes = this.pieces[0].clear().capacity();
        for (ByteBuffer piece : this.pieces) {
            if (piece.clear().capacity() != pieceBytes) {
                throw new IllegalArgumentException("pieces of several sizes");
            }
        }
    }

    long sizeBytes() {
        return (long) pieces.length * pieceBytes;
    }

    /// Copies from here to absolute positions of `to`.
    void read(long offset, int length, ByteBuffer to, int at) {
        for (int done = 0; done < length; ) {
            int here = lengthHere(offset + done, length - done);
            to.put(at + done, piece(offset + done), within(offset + done), here);
            done += here;
        }
    }

    /// Copies from absolute positions of `from` to here.
    void write(long offset, int length, ByteBuffer from, int at) {
        for (int done = 0; done < length; ) {
            int here = lengthHere(offset + done, length - done);
            piece(offset + done).put(within(offset + done), from, at + done, here);
            done += here;
        }
    }

    void zero(long offset, long length) {
        for (long done = 0; done < length; ) {
            int most = (int) Math.min(ZEROES_BYTES, length - done);
            int here = lengthHere(offset + done, most);
            piece(offset + done).put(within(offset + done), ZEROES, 0, here);
            done += here;
        }
    }

    /// Sends `head` and then so much of this memory, without copying it.
    void send(GatheringByteChannel channel, ByteBuffer head, long offset, int length)
            throws IOException {
        gather[0] = head;
        for (int done = 0; done < length; ) {
            int here = lengthHere(offset + done, length - done);
            int from = within(offset + done);
            ByteBuffer piece = piece(offset + done);
            gather[1] = piece.limit(from + here).position(from);
            while (piece.hasRemaining()) {
                channel.write(gather);
            }
            piece.clear();
            done += here;
        }
    }

    private ByteBuffer piece(long offset) {
        return pieces[(int) (offset / pieceBytes)];
    }

    private int within(long offset) {
        return (int) (offset % pieceBytes);
    }

    private int lengthHere(long offset, int length) {
        return Math.min(length, pieceBytes - within(offset));
    }
}
