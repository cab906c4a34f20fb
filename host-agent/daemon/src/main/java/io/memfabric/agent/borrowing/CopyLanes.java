package io.memfabric.agent.borrowing;

import io.memfabric.agent.nbd.Nbd;
import io.memfabric.agent.nbd.RequestHeader;
import java.nio.ByteBuffer;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Copies pieces of regions from one leg to another, several at once, in slots of its own. The bytes
/// are copied as they lie there: sealed.
///
/// One thread copies; the legs' threads only tell what came of a request.
final class CopyLanes {

    /// The longest piece, in bytes.
    static final int PIECE = 256 << 10;

    private static final int LANES = 8;

    /// How long nothing may come back before a copy is given up.
    private static final int PATIENCE_SECONDS = 5;

    /// A piece to copy.
    record Piece(Leg from, long fromOffset, Leg to, long toOffset, int length) {}

    private enum Outcome {
        READ,
        WRITTEN,
        LET_GO
    }

    private record Told(int lane, Outcome outcome) {}

    private final Requests requests;
    private final ByteBuffer[] frames = new ByteBuffer[LANES];
    private final @Nullable Piece[] pieces = new Piece[LANES];
    private final BlockingQueue<Told> told = new LinkedBlockingQueue<>();
    private int underWay;
    private volatile boolean closed;

    CopyLanes(Requests requests) {
        this.requests = requests;
    }

    static boolean isLane(int slot) {
        return slot >= Requests.MIRROR;
    }

    /// Copies every piece.
    ///
    /// @param next the pieces, then null
    /// @throws BorrowingException where a leg lets a request wait for too long or lets go of it
    void copy(Supplier<@Nullable Piece> next) throws BorrowingException {
        if (underWay > 0) {
            throw new BorrowingException("move_stalled", "an earlier copy still waits", null);
        }
        boolean failed = false;
        for (int lane = 0; lane < LANES; lane++) {
            begin(lane, next.get());
        }
        while (underWay > 0) {
            Told one = take();
            if (one == null || closed) {
                throw new BorrowingException("move_stalled", "a lender does not answer", null);
            }
            Piece piece = pieces[one.lane()];
            if (one.outcome() == Outcome.READ && piece != null && !failed) {
                send(one.lane(), Nbd.CMD_WRITE, piece.to(), piece.toOffset(), piece.length());
                continue;
            }
            failed |= one.outcome() == Outcome.LET_GO;
            underWay--;
            begin(one.lane(), failed ? null : next.get());
        }
        if (failed) {
            throw new BorrowingException("move_stalled", "a lender was lost", null);
        }
    }

    private @Nullable Told take() {
        try {
            return told.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return null;
        }
    }

    private void begin(int lane, @Nullable Piece piece) {
        pieces[lane] = piece;
        if (piece != null) {
            underWay++;
            send(lane, Nbd.CMD_READ, piece.from(), piece.fromOffset(), piece.length());
        }
    }

    private void send(int lane, int command, Leg leg, long offset, int length) {
        int slot = Requests.MIRROR + lane;
        requests.setOwn(slot, command, offset, length, frame(lane));
        leg.send(slot, offset);
    }

    private ByteBuffer frame(int lane) {
        ByteBuffer frame = frames[lane];
        if (frame == null) {
            frame = ByteBuffer.allocateDirect(RequestHeader.BYTES + PIECE);
            frames[lane] = frame;
        }
        return frame;
    }

    /// A leg answered; in the leg's thread.
    void answered(int slot, ByteBuffer memory, int at) {
        int lane = slot - Requests.MIRROR;
        boolean read = requests.command(slot) == Nbd.CMD_READ;
        if (read) {
            frame(lane).put(RequestHeader.BYTES, memory, at, (int) requests.length(slot));
        }
        told.add(new Told(lane, read ? Outcome.READ : Outcome.WRITTEN));
    }

    /// A leg let go of a request.
    void abandoned(int slot) {
        told.add(new Told(slot - Requests.MIRROR, Outcome.LET_GO));
    }

    /// The device ends.
    void close() {
        closed = true;
        told.add(new Told(0, Outcome.LET_GO));
    }
}
