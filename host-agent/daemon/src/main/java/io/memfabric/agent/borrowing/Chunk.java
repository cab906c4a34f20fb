package io.memfabric.agent.borrowing;

import io.memfabric.agent.nbd.Nbd;
import io.memfabric.agent.nbd.RequestHeader;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/// Pages that are copied from one leg to the other, or compared, as they lie there: sealed. While a
/// chunk has pages, no write touches them.
///
/// The keeper takes each step; the legs' threads only tell what came of it.
final class Chunk {

    /// 128 KiB.
    static final int PAGES = 32;

    private static final int BYTES = PAGES * DirtyPages.PAGE;
    private static final int MAX_BAD_SOURCE = 3;

    private enum Stage {
        FREE,
        /// Writes that were under way in it have to end.
        DRAINING,
        READING,
        READ,
        WRITING,
        WRITTEN,
        /// The leg let go of the request.
        FAILED
    }

    private final Mirrors mirrors;
    private final Requests requests;
    private final int slot;
    private final ByteBuffer frame = ByteBuffer.allocateDirect(RequestHeader.BYTES + BYTES);

    /// Where the second copy goes, if two are compared.
    private final ByteBuffer twin = ByteBuffer.allocateDirect(BYTES);

    private volatile Stage stage = Stage.FREE;

    private @Nullable Mirrored extent;
    private long offset;
    private int length;
    private boolean comparing;

    /// The leg that is given the pages, or the second to be read where they are compared.
    private int target;

    private int reading;
    private int badSources;

    /// Whether the leg that is given the pages is no more what it was; guarded by the extent's lock.
    private boolean spoiled;

    Chunk(Mirrors mirrors, Requests requests, int slot) {
        this.mirrors = mirrors;
        this.requests = requests;
        this.slot = slot;
    }

    int slot() {
        return slot;
    }

    long offset() {
        return offset;
    }

    int length() {
        return length;
    }

    boolean isFree() {
        return stage == Stage.FREE;
    }

    boolean isComparing() {
        return !isFree() && comparing;
    }

    boolean overlaps(long from, long bytes) {
        return offset < from + bytes && from < offset + length;
    }

    void reserve(Mirrored mirrored, long from, int bytes) {
        extent = mirrored;
        offset = from;
        length = bytes;
        badSources = 0;
        spoiled = false;
        stage = Stage.DRAINING;
    }

    void copyTo(int leg) {
        comparing = false;
        target = leg;
        reading = 1 - leg;
    }

    void compare() {
        comparing = true;
        target = 1;
        reading = 0;
    }

    /// A leg became another region: what was written to it is not worth anything. The caller holds the
    /// extent's lock.
    void spoil(int leg) {
        spoiled |= leg == target;
    }

    boolean isSpoiled() {
        return spoiled;
    }

    /// A leg answered; in the leg's thread.
    void answered(ByteBuffer memory, int at) {
        mirrors.flights().owner[slot] = null;
        if (stage == Stage.READING) {
            if (reading == target) {
                twin.put(0, memory, at, length);
            } else {
                frame.put(RequestHeader.BYTES, memory, at, length);
            }
            stage = Stage.READ;
        } else {
            stage = Stage.WRITTEN;
        }
        mirrors.wake();
    }

    /// A leg let go of the request.
    void failed() {
        mirrors.flights().owner[slot] = null;
        stage = Stage.FAILED;
        mirrors.wake();
    }

    /// Takes the next step if it can be taken.
    void advance() {
        Mirrored mirrored = extent;
        if (mirrored == null) {
            return;
        }
        MirrorCopies copies = mirrored.copies();
        switch (stage) {
            case FREE, READING, WRITING -> {
                // Nothing to do until a leg tells something.
            }
            case DRAINING -> {
                if (copies.isDrained(this)) {
                    read(copies);
                }
            }
            case READ -> {
                if (comparing) {
                    goOnComparing(copies);
                } else if (reading == target) {
                    takeBetter(copies);
                    write(copies);
                } else if (!isBad(copies)) {
                    write(copies);
                } else if (++badSources == MAX_BAD_SOURCE) {
                    // What the other leg is said to lack may be the better copy.
                    reading = target;
                    read(copies);
                } else {
                    read(copies);
                }
            }
            case WRITTEN -> {
                mirrors.counts().copiedBytes.addAndGet(length);
                free(copies, 1 << target);
            }
            case FAILED -> free(copies, 0);
        }
    }

    private void read(MirrorCopies copies) {
        stage = Stage.READING;
        requests.setOwn(slot, Nbd.CMD_READ, 0, length, frame);
        copies.send(this, reading);
    }

    private void write(MirrorCopies copies) {
        stage = Stage.WRITING;
        requests.setOwn(slot, Nbd.CMD_WRITE, 0, length, frame);
        copies.send(this, target);
    }

    private void goOnComparing(MirrorCopies copies) {
        if (reading != target) {
            reading = target;
            read(copies);
            return;
        }
        for (int done = 0; done < length; done += DirtyPages.PAGE) {
            comparePage(copies, done);
        }
        mirrors.counts().scrubbedBytes.addAndGet(length);
        free(copies, 0);
    }

    private void comparePage(MirrorCopies copies, int done) {
        int at = RequestHeader.BYTES + done;
        PageCopies.Verdict first = copies.judge(offset + done, frame, at);
        PageCopies.Verdict second = copies.judge(offset + done, twin, done);
        if (first == PageCopies.Verdict.BAD && second == PageCopies.Verdict.GOOD) {
            repair(copies, 0, done);
        } else if (second == PageCopies.Verdict.BAD && first == PageCopies.Verdict.GOOD) {
            repair(copies, 1, done);
        } else if (first == PageCopies.Verdict.UNKNOWN && !isSame(at, done)) {
            // Nothing tells which is right: at least all readers shall see the same from now on.
            repair(copies, 1, done);
        }
    }

    private boolean isSame(int at, int done) {
        return frame.slice(at, DirtyPages.PAGE).mismatch(twin.slice(done, DirtyPages.PAGE)) < 0;
    }

    private void repair(MirrorCopies copies, int leg, int done) {
        mirrors.counts().repairedBytes.addAndGet(DirtyPages.PAGE);
        copies.noteBad(leg, offset + done);
    }

    private boolean isBad(MirrorCopies copies) {
        for (int done = 0; done < length; done += DirtyPages.PAGE) {
            if (copies.judge(offset + done, frame, RequestHeader.BYTES + done)
                    == PageCopies.Verdict.BAD) {
                return true;
            }
        }
        return false;
    }

    /// Puts together what is good of both copies, for the target; what the source needs of it is
    /// copied later.
    private void takeBetter(MirrorCopies copies) {
        for (int done = 0; done < length; done += DirtyPages.PAGE) {
            int at = RequestHeader.BYTES + done;
            if (copies.judge(offset + done, frame, at) == PageCopies.Verdict.BAD
                    && copies.judge(offset + done, twin, done) == PageCopies.Verdict.GOOD) {
                frame.put(at, twin, done, DirtyPages.PAGE);
                repair(copies, 1 - target, done);
            }
        }
    }

    private void free(MirrorCopies copies, int legs) {
        copies.release(this, legs);
        extent = null;
        stage = Stage.FREE;
    }
}
