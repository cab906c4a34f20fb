package io.memfabric.agent.nbd;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketOption;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.nio.channels.spi.SelectorProvider;
import java.util.Set;
import java.util.concurrent.CountDownLatch;

/// A connection whose peer sends prepared bytes, closes, and has its answers remembered. Bytes arrive
/// in short pieces, so that a frame is cut wherever it can be.
public final class ScriptedChannel extends SocketChannel {

    private static final int PIECE = 61;

    private final ByteBuffer incoming;
    private final ByteArrayOutputStream answers = new ByteArrayOutputStream();
    private final CountDownLatch closed = new CountDownLatch(1);

    public ScriptedChannel(byte[] incoming) {
        super(SelectorProvider.provider());
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
    public long read(ByteBuffer[] to, int offset, int length) throws IOException {
        return read(to[offset]);
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
    protected void implCloseSelectableChannel() {
        closed.countDown();
    }

    @Override
    protected void implConfigureBlocking(boolean block) {}

    @Override
    public <T> SocketChannel setOption(SocketOption<T> name, T value) {
        return this;
    }

    @Override
    public <T> T getOption(SocketOption<T> name) {
        throw new IllegalStateException("no options here");
    }

    @Override
    public Set<SocketOption<?>> supportedOptions() {
        return Set.of();
    }

    @Override
    public SocketChannel bind(SocketAddress local) {
        return this;
    }

    @Override
    public SocketChannel shutdownInput() {
        return this;
    }

    @Override
    public SocketChannel shutdownOutput() {
        return this;
    }

    @Override
    public Socket socket() {
        throw new IllegalStateException("no socket here");
    }

    @Override
    public boolean isConnected() {
        return true;
    }

    @Override
    public boolean isConnectionPending() {
        return false;
    }

    @Override
    public boolean connect(SocketAddress remote) {
        return true;
    }

    @Override
    public boolean finishConnect() {
        return true;
    }

    @Override
    public SocketAddress getRemoteAddress() {
        throw new IllegalStateException("no address here");
    }

    @Override
    public SocketAddress getLocalAddress() {
        throw new IllegalStateException("no address here");
    }
}
