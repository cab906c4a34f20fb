package io.memfabric.agent.nbd;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/// Serves plain memory to one client after its handshake, in the calling thread: receives many
/// requests at once, carries them out in order, sends many replies at once.
///
/// A page is written only when all of it has arrived, so a connection that is cut leaves each page
/// as it was or as it was to be.
public final class MemoryServer {

    private static final int OUT_BYTES = 256 << 10;

    /// A write longer than this is carried out piece by piece as it arrives.
    private static final int PIECE = 128 << 10;

    /// A read longer than this is sent from the memory itself rather than copied first.
    private static final int COPIED_READ = 32 << 10;

    private static final ByteBuffer ZEROES = ByteBuffer.allocateDirect(PIECE).asReadOnlyBuffer();

    private final SocketChannel channel;
    private final ExportInfo info;
    private final ByteBuffer memory;
    private final FrameBuffer in = new FrameBuffer(RequestHeader.BYTES + PIECE);
    private final ByteBuffer out = ByteBuffer.allocateDirect(OUT_BYTES);
    private final ByteBuffer[] gather = new ByteBuffer[2];

    /// @param memory the export's bytes, `info.sizeBytes()` of them
    public MemoryServer(SocketChannel channel, ExportInfo info, ByteBuffer memory) {
        if (memory.capacity() != info.sizeBytes()) {
            throw new IllegalArgumentException("an export that is not as large as its memory");
        }
        this.channel = channel;
        this.info = info;
        this.memory = memory.duplicate();
    }

    /// Serves until the client says goodbye or closes.
    ///
    /// @throws NbdException where the client broke the protocol
    public void serve() throws IOException {
        RequestHeader request = new RequestHeader(in.memory());
        while (true) {
            int frame = RequestHeader.BYTES;
            while (in.available() >= RequestHeader.BYTES) {
                request.moveTo(in.start());
                if (request.command() == Nbd.CMD_DISC) {
                    flush();
                    return;
                }
                int payload = request.payload();
                if (payload > PIECE) {
                    writeInPieces(request, payload);
                    continue;
                }
                frame = RequestHeader.BYTES + payload;
                if (in.available() < frame) {
                    break;
                }
                execute(request);
                in.take(frame);
                frame = RequestHeader.BYTES;
            }
            flush();
            if (!in.receive(channel, frame)) {
                return;
            }
        }
    }

    private void execute(RequestHeader request) throws IOException {
        int error = info.errorOf(request);
        int length = (int) request.length();
        int offset = (int) request.offset();
        if (error == Nbd.OK) {
            switch (request.command()) {
                case Nbd.CMD_READ -> {
                    read(request.cookie(), offset, length);
                    return;
                }
                case Nbd.CMD_WRITE ->
                        memory.put(offset, in.memory(), in.start() + RequestHeader.BYTES, length);
                case Nbd.CMD_TRIM, Nbd.CMD_WRITE_ZEROES -> zero(offset, length);
                default -> {
                    // FLUSH: a write that was answered is in the memory already.
                }
            }
        }
        reply(error, request.cookie());
    }

    private void read(long cookie, int offset, int length) throws IOException {
        if (length > COPIED_READ) {
            reply(Nbd.OK, cookie);
            sendWithMemory(offset, length);
            return;
        }
        if (out.remaining() < ReplyHeader.BYTES + length) {
            flush();
        }
        reply(Nbd.OK, cookie);
        out.put(out.position(), memory, offset, length);
        out.position(out.position() + length);
    }

    private void zero(int offset, int length) {
        for (int done = 0; done < length; done += PIECE) {
            memory.put(offset + done, ZEROES, 0, Math.min(PIECE, length - done));
        }
    }

    /// Carries out a write that is longer than the buffer, page by page as far as it has arrived.
    private void writeInPieces(RequestHeader request, int length) throws IOException {
        int error = info.errorOf(request);
        long cookie = request.cookie();
        int offset = (int) request.offset();
        in.take(RequestHeader.BYTES);
        int left = length;
        while (left > 0) {
            int page = Math.min(left, info.preferredBlock() - offset % info.preferredBlock());
            if (in.available() < page) {
                flush();
                if (!in.receive(channel, page)) {
                    return;
                }
                continue;
            }
            if (error == Nbd.OK) {
                memory.put(offset, in.memory(), in.start(), page);
            }
            in.take(page);
            offset += page;
            left -= page;
        }
        reply(error, cookie);
    }

    private void reply(int error, long cookie) throws IOException {
        if (out.remaining() < ReplyHeader.BYTES) {
            flush();
        }
        ReplyHeader.write(out, out.position(), error, cookie);
        out.position(out.position() + ReplyHeader.BYTES);
    }

    private void sendWithMemory(int offset, int length) throws IOException {
        out.flip();
        memory.limit(offset + length).position(offset);
        gather[0] = out;
        gather[1] = memory;
        while (memory.hasRemaining()) {
            channel.write(gather);
        }
        memory.clear();
        out.clear();
    }

    private void flush() throws IOException {
        out.flip();
        while (out.hasRemaining()) {
            channel.write(out);
        }
        out.clear();
    }
}
