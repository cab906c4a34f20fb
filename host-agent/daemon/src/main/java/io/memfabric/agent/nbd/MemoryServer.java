package io.memfabric.agent.nbd;

import java.io.IOException;
import java.nio.ByteBuffer;

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

    private final Wire channel;
    private final ExportInfo info;
    private final PiecedMemory memory;
    private final FrameBuffer in = new FrameBuffer(RequestHeader.BYTES + PIECE);
    private final ByteBuffer out = ByteBuffer.allocateDirect(OUT_BYTES);

    /// Begins after the handshake.
    ///
    /// @param memory the export's bytes, `info.sizeBytes()` of them
    public MemoryServer(Wire channel, ExportInfo info, PiecedMemory memory) {
        if (memory.sizeBytes() != info.sizeBytes()) {
            throw new IllegalArgumentException("an export that is not as large as its memory");
        }
        this.channel = channel;
        this.info = info;
        this.memory = memory;
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
                    if (!writeInPieces(request, payload)) {
                        return;
                    }
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
        long offset = request.offset();
        if (error == Nbd.OK) {
            switch (request.command()) {
                case Nbd.CMD_READ -> {
                    read(request.cookie(), offset, (int) request.length());
                    return;
                }
                case Nbd.CMD_WRITE -> {
                    int from = in.start() + RequestHeader.BYTES;
                    memory.write(offset, (int) request.length(), in.memory(), from);
                }
                case Nbd.CMD_TRIM, Nbd.CMD_WRITE_ZEROES -> memory.zero(offset, request.length());
                default -> {
                    // FLUSH: a write that was answered is in the memory already.
                }
            }
        }
        reply(error, request.cookie());
    }

    private void read(long cookie, long offset, int length) throws IOException {
        if (length > COPIED_READ) {
            reply(Nbd.OK, cookie);
            out.flip();
            memory.send(channel, out, offset, length);
            out.clear();
            return;
        }
        if (out.remaining() < ReplyHeader.BYTES + length) {
            flush();
        }
        reply(Nbd.OK, cookie);
        memory.read(offset, length, out, out.position());
        out.position(out.position() + length);
    }

    /// Carries out a write that is longer than the buffer, page by page as far as it has arrived.
    ///
    /// @return false where the stream ended in it: what is left in the buffer is data, no request
    private boolean writeInPieces(RequestHeader request, int length) throws IOException {
        int error = info.errorOf(request);
        long cookie = request.cookie();
        long offset = request.offset();
        in.take(RequestHeader.BYTES);
        int left = length;
        int pageBytes = info.preferredBlock();
        while (left > 0) {
            int page = Math.min(left, pageBytes - (int) (offset % pageBytes));
            if (in.available() < page) {
                flush();
                if (!in.receive(channel, page)) {
                    return false;
                }
                continue;
            }
            if (error == Nbd.OK) {
                memory.write(offset, page, in.memory(), in.start());
            }
            in.take(page);
            offset += page;
            left -= page;
        }
        reply(error, cookie);
        return true;
    }

    private void reply(int error, long cookie) throws IOException {
        if (out.remaining() < ReplyHeader.BYTES) {
            flush();
        }
        ReplyHeader.write(out, out.position(), error, cookie);
        out.position(out.position() + ReplyHeader.BYTES);
    }

    private void flush() throws IOException {
        out.flip();
        while (out.hasRemaining()) {
            channel.write(out);
        }
        out.clear();
    }
}
