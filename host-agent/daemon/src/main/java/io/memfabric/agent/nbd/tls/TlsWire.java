package io.memfabric.agent.nbd.tls;

import io.memfabric.agent.nbd.Wire;
import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLEngineResult;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLSession;

/// A sealed wire. What is written in one call becomes records as full as they can be and goes out
/// with as few calls to the kernel; what is read is unsealed straight into the reader's memory, as
/// many records as have arrived.
///
/// The reader never sends, not even the answer to a change of keys: the engine puts that before the
/// next write's data, as RFC 8446 4.6.3 wants it. So a reader that has to wait for the writer, or
/// the other way round, cannot come about.
final class TlsWire implements Wire {

    /// Batches of 128 KiB: of longer ones the peer can unseal the beginning while we seal the rest.
    private static final int BATCH = 128 << 10;

    /// A handshake is a few KiB; one that goes on is not meant to end.
    private static final int MAX_HANDSHAKE_BYTES = 64 << 10;

    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);

    private final SocketChannel socket;
    private final SSLEngine engine;

    /// Sealed bytes that have arrived, from position to limit; the reader's alone. Both this and
    /// [#out] lie in the heap, where the JDK's cipher works in place without copies of its own.
    private final ByteBuffer in;

    /// Sealed bytes that wait to go out, up to the position; the writer's alone.
    private final ByteBuffer out;

    /// The rest of a record for which the reader had no room.
    private final ByteBuffer rest;

    private final int recordBytes;
    private boolean ended;

    private TlsWire(SocketChannel socket, SSLEngine engine) {
        this.socket = socket;
        this.engine = engine;
        recordBytes = engine.getSession().getPacketBufferSize();
        in = ByteBuffer.allocate(BATCH + 2 * recordBytes).flip();
        out = ByteBuffer.allocate(BATCH + 2 * recordBytes);
        rest = ByteBuffer.allocate(engine.getSession().getApplicationBufferSize()).flip();
    }

    /// Carries out the TLS handshake. Whoever calls this closes the socket when it takes too long.
    ///
    /// @throws SSLException where the peers do not agree; the peer has been told then
    static TlsWire handshake(SocketChannel socket, SSLEngine engine) throws IOException {
        TlsWire wire = new TlsWire(socket, engine);
        try {
            wire.handshake();
        } catch (SSLException e) {
            wire.tellWhy();
            throw e;
        }
        return wire;
    }

    SSLSession session() {
        return engine.getSession();
    }

    private void handshake() throws IOException {
        engine.beginHandshake();
        int budget = MAX_HANDSHAKE_BYTES;
        while (true) {
            switch (engine.getHandshakeStatus()) {
                case NEED_WRAP -> {
                    if (engine.wrap(NOTHING, out).getStatus() == SSLEngineResult.Status.CLOSED) {
                        throw new SSLException("closed in the handshake");
                    }
                    flush();
                }
                case NEED_UNWRAP, NEED_UNWRAP_AGAIN -> budget -= unwrapOne();
                case NEED_TASK -> runTasks();
                default -> {
                    return;
                }
            }
            if (budget < 0) {
                throw new SSLException("a handshake of more than " + MAX_HANDSHAKE_BYTES);
            }
        }
    }

    private int unwrapOne() throws IOException {
        SSLEngineResult result = engine.unwrap(in, NOTHING);
        switch (result.getStatus()) {
            case OK -> {
                // The engine says what is next.
            }
            case BUFFER_UNDERFLOW -> receive();
            case BUFFER_OVERFLOW -> throw new SSLException("data in the middle of the handshake");
            case CLOSED -> throw new SSLException("closed in the handshake");
        }
        return result.bytesConsumed();
    }

    private void runTasks() {
        for (Runnable task = engine.getDelegatedTask(); task != null; ) {
            task.run();
            task = engine.getDelegatedTask();
        }
    }

    /// Sends the alert that the engine has ready, if it has one and the peer still listens.
    private void tellWhy() {
        try {
            while (engine.getHandshakeStatus() == SSLEngineResult.HandshakeStatus.NEED_WRAP
                    && engine.wrap(NOTHING, out).bytesProduced() > 0) {
                flush();
            }
        } catch (IOException e) {
            System.getLogger(TlsWire.class.getName())
                    .log(System.Logger.Level.DEBUG, "an alert could not be sent", e);
        }
    }

    @Override
    public int read(ByteBuffer to) throws IOException {
        int start = to.position();
        if (rest.hasRemaining()) {
            takeRest(to);
            return to.position() - start;
        }
        while (true) {
            unseal(to);
            if (to.position() > start) {
                return to.position() - start;
            }
            if (ended) {
                return -1;
            }
            receive();
        }
    }

    /// Unseals the whole records that are here, as long as they fit.
    private void unseal(ByteBuffer to) throws IOException {
        int start = to.position();
        while (in.hasRemaining() && !ended) {
            SSLEngineResult result = unwrap(to);
            switch (result.getStatus()) {
                case OK -> afterRecord(result);
                case BUFFER_UNDERFLOW -> {
                    return;
                }
                case BUFFER_OVERFLOW -> {
                    if (to.position() > start) {
                        return;
                    }
                    // The engine says so by the record's header, before all of it has arrived.
                    rest.clear();
                    try {
                        SSLEngineResult whole = unwrap(rest);
                        if (whole.getStatus() == SSLEngineResult.Status.BUFFER_UNDERFLOW) {
                            return;
                        }
                        afterRecord(whole);
                    } finally {
                        rest.flip();
                    }
                    takeRest(to);
                    if (to.position() > start) {
                        return;
                    }
                }
                case CLOSED -> ended = true;
            }
        }
    }

    /// A peer that does not believe our certificate says so after its handshake is done, where data
    /// is expected.
    private SSLEngineResult unwrap(ByteBuffer to) throws TlsException {
        try {
            return engine.unwrap(in, to);
        } catch (SSLException e) {
            throw TlsException.of(e);
        }
    }

    private void afterRecord(SSLEngineResult result) throws SSLException {
        if (result.getHandshakeStatus() == SSLEngineResult.HandshakeStatus.NEED_TASK) {
            runTasks();
        } else if (result.bytesConsumed() == 0) {
            throw new SSLException("the engine does not go on: " + result);
        }
    }

    private void takeRest(ByteBuffer to) {
        int bytes = Math.min(rest.remaining(), to.remaining());
        to.put(to.position(), rest, rest.position(), bytes);
        to.position(to.position() + bytes);
        rest.position(rest.position() + bytes);
    }

    /// Receives at least one sealed byte. A stream that ends without the peer's word that it does
    /// was cut, by whomever.
    private void receive() throws IOException {
        if (!in.hasRemaining()) {
            in.clear().limit(0);
        }
        if (in.capacity() - in.limit() < recordBytes) {
            in.compact().flip();
        }
        int from = in.position();
        in.position(in.limit()).limit(in.capacity());
        int received;
        try {
            received = socket.read(in);
        } finally {
            in.limit(in.position()).position(from);
        }
        if (received < 0) {
            throw new EOFException("tls_truncated: the connection was cut");
        }
    }

    @Override
    public int write(ByteBuffer from) throws IOException {
        return (int) write(new ByteBuffer[] {from}, 0, 1);
    }

    @Override
    public long write(ByteBuffer[] sources, int offset, int length) throws IOException {
        long bytes = 0;
        for (int i = offset; i < offset + length; i++) {
            bytes += sources[i].remaining();
        }
        for (long left = bytes; left > 0; ) {
            SSLEngineResult result = engine.wrap(sources, offset, length, out);
            left -= result.bytesConsumed();
            switch (result.getStatus()) {
                case OK -> {
                    if (result.getHandshakeStatus() == SSLEngineResult.HandshakeStatus.NEED_TASK) {
                        runTasks();
                    }
                    if (out.remaining() < 2 * recordBytes) {
                        flush();
                    }
                }
                case BUFFER_OVERFLOW -> flush();
                case CLOSED, BUFFER_UNDERFLOW -> throw new SSLException("closed: " + result);
            }
        }
        flush();
        return bytes;
    }

    private void flush() throws IOException {
        out.flip();
        try {
            while (out.hasRemaining()) {
                socket.write(out);
            }
        } finally {
            out.clear();
        }
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
