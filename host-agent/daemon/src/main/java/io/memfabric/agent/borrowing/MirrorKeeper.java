package io.memfabric.agent.borrowing;

import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/// The one thread of a grant's mirrors: it sends what had to wait, asks the other leg when one is
/// slow, and copies and compares pages in the background.
final class MirrorKeeper implements AutoCloseable {

    private static final System.Logger LOG = System.getLogger(MirrorKeeper.class.getName());
    private static final long BUSY_ROUND = TimeUnit.MILLISECONDS.toNanos(1);
    private static final long IDLE_ROUND = TimeUnit.MILLISECONDS.toNanos(10);
    private static final long REVIEW = TimeUnit.MILLISECONDS.toNanos(200);

    /// How long nothing must have been read or written before the scrub goes on.
    private static final long IDLE = TimeUnit.SECONDS.toNanos(1);

    /// How many pages without data the scrub passes in one round.
    private static final int MAX_SKIPPED = 1024;

    private static final long MAX_SAVED = TimeUnit.MILLISECONDS.toNanos(10);

    private final Mirrors mirrors;
    private final Flights flights;
    private final List<Chunk> chunks;
    private final Answers answers;
    private final MirrorReplies replies;
    private final Thread thread;
    private volatile boolean closed;

    private long reviewedAt = System.nanoTime();
    private long busyAt = reviewedAt;
    private long copyAt = reviewedAt;
    private long scrubAt = reviewedAt;
    private long[] seenReads = new long[0];
    private int nextExtent;
    private int scrubExtent;
    private int scrubPage;

    MirrorKeeper(Mirrors mirrors, Flights flights, List<Chunk> chunks, Answers answers) {
        this.mirrors = mirrors;
        this.flights = flights;
        this.chunks = chunks;
        this.answers = answers;
        this.replies = new MirrorReplies(answers.sink());
        thread = Thread.ofPlatform().daemon().name("mirror-keeper").unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    void wake() {
        LockSupport.unpark(thread);
    }

    private void run() {
        try {
            while (!closed) {
                round();
            }
        } catch (RuntimeException | Error e) {
            // Without this thread a break would never be made good: better a device that has ended.
            LOG.log(System.Logger.Level.ERROR, "a grant's mirrors failed", e);
            answers.stopped(new DeviceStop("internal_error", "the mirrors: " + e));
        }
    }

    private void round() {
        long now = System.nanoTime();
        List<Mirrored> extents = mirrors.extents();
        for (int i = 0; i < extents.size(); i++) {
            if (extents.get(i).isUnsettled()) {
                extents.get(i).settle(replies);
            }
        }
        boolean isBusy = hedge(now);
        isBusy |= copy(extents, now);
        if (now - reviewedAt > REVIEW) {
            reviewedAt = now;
            review(extents);
        }
        scrub(extents, now);
        LockSupport.parkNanos(this, isBusy ? BUSY_ROUND : IDLE_ROUND);
    }

    private boolean hedge(long now) {
        boolean isBusy = false;
        for (int slot = 0; slot < Flights.CHUNKS; slot++) {
            Mirrored owner = flights.owner[slot];
            if (owner != null) {
                isBusy = true;
                busyAt = now;
                if (slot >= Flights.LANES && MirrorPace.mayNeedHedge(now - flights.sentAt[slot])) {
                    owner.hedge(slot, now);
                }
            }
        }
        return isBusy;
    }

    private boolean copy(List<Mirrored> extents, long now) {
        boolean isBusy = false;
        for (int i = 0; i < chunks.size(); i++) {
            Chunk chunk = chunks.get(i);
            chunk.advance();
            if (chunk.isFree() && now - copyAt >= 0) {
                takeWork(extents, chunk, now);
            }
            isBusy |= !chunk.isFree();
        }
        return isBusy || now - copyAt < 0;
    }

    private void takeWork(List<Mirrored> extents, Chunk chunk, long now) {
        int count = extents.size();
        for (int i = 0; i < count; i++) {
            Mirrored extent = extents.get((nextExtent + i) % count);
            if (extent.copies().hasWork() && extent.copies().takeWork(chunk)) {
                nextExtent = (nextExtent + i + 1) % count;
                copyAt = after(copyAt, now, chunk.length(), mirrors.pace().resyncBytesPerSecond());
                chunk.advance();
                return;
            }
        }
    }

    /// When the next bytes may go, so that no second has more than its share.
    private static long after(long before, long now, long bytes, long perSecond) {
        long from = Math.max(before - now, -MAX_SAVED);
        return now + from + bytes * TimeUnit.SECONDS.toNanos(1) / perSecond;
    }

    private void review(List<Mirrored> extents) {
        if (seenReads.length < extents.size()) {
            seenReads = new long[extents.size()];
        }
        long total = 0;
        for (int i = 0; i < extents.size(); i++) {
            long reads = extents.get(i).reads();
            total += reads;
            if (reads != seenReads[i]) {
                seenReads[i] = reads;
                extents.get(i).review();
            }
        }
        mirrors.hedges().reads(total);
        mirrors.leaveTheSlow();
    }

    private void scrub(List<Mirrored> extents, long now) {
        long perSecond = mirrors.pace().scrubBytesPerSecond();
        if (perSecond == 0 || extents.isEmpty() || now - scrubAt < 0 || now - busyAt < IDLE) {
            return;
        }
        Chunk free = null;
        for (Chunk chunk : chunks) {
            if (chunk.isComparing()) {
                return;
            }
            free = chunk.isFree() ? chunk : free;
        }
        if (free == null) {
            return;
        }
        MirrorCopies copies = extents.get(scrubExtent % extents.size()).copies();
        int skipped = 0;
        while (scrubPage < DirtyPages.PAGES && !copies.mayHoldData(scrubPage)) {
            scrubPage++;
            if (++skipped == MAX_SKIPPED) {
                return;
            }
        }
        int pages = 0;
        while (pages < Chunk.PAGES
                && scrubPage + pages < DirtyPages.PAGES
                && copies.mayHoldData(scrubPage + pages)) {
            pages++;
        }
        if (pages > 0 && copies.takeScrub(free, scrubPage, pages)) {
            free.advance();
        }
        scrubAt = after(scrubAt, now, (long) Math.max(pages, 1) * DirtyPages.PAGE, perSecond);
        scrubPage += pages;
        if (scrubPage >= DirtyPages.PAGES) {
            scrubPage = 0;
            scrubExtent = (scrubExtent + 1) % extents.size();
        }
    }

    void stop() {
        closed = true;
        wake();
    }

    @Override
    public void close() {
        stop();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
