package io.memfabric.agent.borrowing;

import io.memfabric.agent.policy.MirrorState;
import io.memfabric.agent.policy.MirrorState.Event;
import io.memfabric.agent.policy.MirrorState.Reach;
import io.memfabric.agent.policy.MirrorState.Standing;
import io.memfabric.contract.vocabulary.FabricLimits;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/// Which pages an extent's legs lack, and the chunks of it that are being copied. Its callers hold
/// the extent's lock, unless it says otherwise.
///
/// A page that a leg lacks is never read from it. It stops being lacked when it was copied, or when
/// a write of all of it was acknowledged with this leg.
final class MirrorCopies {

    private static final int BOTH = 3;

    private final Mirrored mirrored;
    private final Flights flights;
    private final PageCopies known;
    private final long firstPage;
    private final DirtyPages[] missing;

    /// Pages of which both copies, or what was read together with them, were refused: they are to be
    /// compared one by one.
    private final DirtyPages suspects = DirtyPages.none();

    private final List<Chunk> copying = new ArrayList<>(Flights.CHUNK_COUNT);

    /// Where the search for the next chunk goes on.
    private int cursor;

    MirrorCopies(Mirrored mirrored, Flights flights, MirrorSection section, int extent) {
        this.mirrored = mirrored;
        this.flights = flights;
        known = mirrored.mirrors().known();
        firstPage = (long) extent * DirtyPages.PAGES;
        missing = new DirtyPages[] {section.dirtyPages(extent, 0), section.dirtyPages(extent, 1)};
    }

    /// The legs, a bit each, that lack some of these bytes.
    int lacking(long from, long length) {
        return (missing[0].touches(from, length) ? 1 : 0)
                | (missing[1].touches(from, length) ? 2 : 0);
    }

    void noteSuspect(long from, long length) {
        suspects.add(from, length);
    }

    boolean isSuspect(long from, long length) {
        return suspects.touches(from, length);
    }

    void noteMissed(int legs, long from, long length) {
        for (int leg = 0; leg < 2; leg++) {
            if ((legs >>> leg & 1) != 0) {
                missing[leg].add(from, length);
            }
        }
    }

    void noteWritten(int legs, long from, long length) {
        for (int leg = 0; leg < 2; leg++) {
            if ((legs >>> leg & 1) != 0 && !missing[leg].isEmpty()) {
                missing[leg].remove(from, length);
            }
        }
    }

    /// A leg is an empty region now: it lacks whatever holds data. What it was known to lack stays
    /// so, because a write of it may be under way.
    void noteEmpty(int leg) {
        copying.forEach(chunk -> chunk.spoil(leg));
        missing[leg].addAll(this::mayHoldData);
    }

    /// Needs no lock.
    boolean mayHoldData(int page) {
        return known.mayHoldData(firstPage + page);
    }

    boolean isWhole(int leg) {
        return missing[leg].isEmpty();
    }

    long missingBytes(int leg) {
        return (long) missing[leg].count() * DirtyPages.PAGE;
    }

    /// The legs, a bit each, that are in sync.
    int trusted() {
        MirrorState state = mirrored.state();
        return (state.first().standing() == Standing.IN_SYNC ? 1 : 0)
                | (state.second().standing() == Standing.IN_SYNC ? 2 : 0);
    }

    boolean isCopying(long from, long length) {
        for (int i = 0; i < copying.size(); i++) {
            if (copying.get(i).overlaps(from, length)) {
                return true;
            }
        }
        return false;
    }

    /// Whether there may be something to copy; needs no lock, and may be wrong for a moment.
    boolean hasWork() {
        return !missing[0].isEmpty()
                || !missing[1].isEmpty()
                || !suspects.isEmpty()
                || mirrored.state().first().standing() == Standing.RESYNC
                || mirrored.state().second().standing() == Standing.RESYNC;
    }

    /// Gives a chunk its next piece of work; needs no lock.
    ///
    /// @return false where there is none now
    boolean takeWork(Chunk chunk) {
        mirrored.lock().lock();
        try {
            if (takeSuspects(chunk)) {
                return true;
            }
            for (int leg = 0; leg < 2; leg++) {
                if (!areConnected() || mirrored.state().leg(leg).standing() == Standing.OUT) {
                    continue;
                }
                if (missing[leg].isEmpty()) {
                    finishResync(leg);
                } else if (takeRun(chunk, leg)) {
                    return true;
                }
            }
            return false;
        } finally {
            mirrored.lock().unlock();
        }
    }

    private boolean takeSuspects(Chunk chunk) {
        int page = suspects.next(0);
        while (page >= 0 && isCopying((long) page * DirtyPages.PAGE, DirtyPages.PAGE)) {
            page = suspects.next(page + 1);
        }
        if (page < 0) {
            return false;
        }
        if (!areConnected()) {
            suspects.remove(0, FabricLimits.REGION.bytes());
            mirrored.tryAgain();
            return false;
        }
        int end = page;
        while (end < DirtyPages.PAGES
                && end - page < Chunk.PAGES
                && suspects.isDirty(end)
                && !isCopying((long) end * DirtyPages.PAGE, DirtyPages.PAGE)) {
            end++;
        }
        reserve(chunk, page, end - page);
        chunk.compare();
        return true;
    }

    private boolean areConnected() {
        MirrorState state = mirrored.state();
        return state.first().reach() == Reach.CONNECTED
                && state.second().reach() == Reach.CONNECTED;
    }

    private void finishResync(int leg) {
        if (mirrored.state().leg(leg).standing() == Standing.RESYNC) {
            mirrored.on(new Event.Copied(leg));
        }
    }

    private boolean takeRun(Chunk chunk, int leg) {
        int page = missing[leg].next(cursor);
        if (page < 0) {
            page = missing[leg].next(0);
        }
        int end = page;
        while (end < DirtyPages.PAGES && end - page < Chunk.PAGES && isCopyable(end, leg)) {
            end++;
        }
        cursor = end == page ? page + 1 : end;
        if (end == page) {
            return false;
        }
        reserve(chunk, page, end - page);
        chunk.copyTo(leg);
        return true;
    }

    private boolean isCopyable(int page, int leg) {
        return missing[leg].isDirty(page)
                && !missing[1 - leg].isDirty(page)
                && !isCopying((long) page * DirtyPages.PAGE, DirtyPages.PAGE);
    }

    private void reserve(Chunk chunk, int page, int pages) {
        chunk.reserve(mirrored, (long) page * DirtyPages.PAGE, pages * DirtyPages.PAGE);
        copying.add(chunk);
    }

    /// Gives a chunk these pages to compare, if both legs have them; needs no lock.
    boolean takeScrub(Chunk chunk, int page, int pages) {
        mirrored.lock().lock();
        try {
            long from = (long) page * DirtyPages.PAGE;
            long length = (long) pages * DirtyPages.PAGE;
            if (mirrored.state().readable() != BOTH
                    || lacking(from, length) != 0
                    || isCopying(from, length)) {
                return false;
            }
            reserve(chunk, page, pages);
            chunk.compare();
            return true;
        } finally {
            mirrored.lock().unlock();
        }
    }

    /// Whether no write is under way in the chunk; new ones wait. Needs no lock.
    boolean isDrained(Chunk chunk) {
        mirrored.lock().lock();
        try {
            return !mirrored.isWriting(chunk.offset(), chunk.length());
        } finally {
            mirrored.lock().unlock();
        }
    }

    /// A chunk is done with; needs no lock.
    ///
    /// @param legs the legs, a bit each, that have its pages now
    void release(Chunk chunk, int legs) {
        mirrored.lock().lock();
        try {
            copying.remove(chunk);
            suspects.remove(chunk.offset(), chunk.length());
            if (!chunk.isSpoiled()) {
                noteWritten(legs, chunk.offset(), chunk.length());
            }
            mirrored.tryAgain();
        } finally {
            mirrored.lock().unlock();
        }
    }

    /// One page's copy was found bad, and the other leg's good; needs no lock.
    void noteBad(int leg, long from) {
        mirrored.lock().lock();
        try {
            noteMissed(1 << leg, from, DirtyPages.PAGE);
            noteWritten(BOTH & ~(1 << leg), from, DirtyPages.PAGE);
        } finally {
            mirrored.lock().unlock();
        }
    }

    PageCopies.Verdict judge(long offset, ByteBuffer memory, int at) {
        return known.judge(firstPage + offset / DirtyPages.PAGE, memory, at);
    }

    /// The chunk's request of this leg begins; needs no lock.
    void send(Chunk chunk, int leg) {
        int slot = chunk.slot();
        flights.offset[slot] = chunk.offset();
        flights.pending[slot] = 1 << leg;
        flights.sentAt[slot] = System.nanoTime();
        flights.owner[slot] = mirrored;
        mirrored.ways()[leg].send(slot, chunk.offset());
    }
}
