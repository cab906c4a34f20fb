package io.memfabric.agent.nbd;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.util.concurrent.CountDownLatch;

/// A connection whose peer sends prepared bytes, closes, and has its answers remembered. Bytes arrive
/// in short pieces, so that a frame is cut wherever it can be.
public final class ScriptedChannel implements Wire {

    private static final int PIECE = 61;

    private final ByteBuffer incoming;
    private final ByteArrayOutputStream answers = new ByteArrayOutputStream();
    private final CountDownLatch closed = new CountDownLatch(1);

    public ScriptedChannel(byte[] incoming) {
        this.incoming = ByteBuffer.wrap(incoming);
    }

    /// What was sent so far.
    public byte[] answers() {
        synchronized (answers) {
            return answers.toByteArray();
        }
    }

    public void awaitClose() throws InterruptedException {
        closed.await();
    }

    @Override
    public int read(ByteBuffer to) throws IOException {
        checkOpen();
        if (!incoming.hasRemaining()) {
            return -1;
        }
        int length = Math.min(Math.min(PIECE, to.remaining()), incoming.remaining());
        to.put(incoming.slice(incoming.position(), length));
        incoming.position(incoming.position() + length);
        return length;
    }

    @Override
    public int write(ByteBuffer from) throws IOException {
        checkOpen();
        byte[] bytes = new byte[from.remaining()];
        from.get(bytes);
        synchronized (answers) {
            answers.writeBytes(bytes);
        }
        return bytes.length;
    }

    @Override
    public long write(ByteBuffer[] from, int offset, int length) throws IOException {
        long written = 0;
        for (int i = offset; i < offset + length; i++) {
            written += write(from[i]);
        }
        return written;
    }

    private void checkOpen() throws ClosedChannelException {
        if (!isOpen()) {
            throw new ClosedChannelException();
        }
    }

    @Override
    public boolean isOpen() {
        return closed.getCount() != 0;
    }

    @Override
    public void close() {
        closed.countDown();
    }
}
