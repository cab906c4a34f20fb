package io.memfabric.agent.borrowing;

import io.memfabric.agent.nbd.Nbd;
import io.memfabric.agent.nbd.RequestHeader;
import java.nio.ByteBuffer;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;

/// Seals every page on its way out and opens it on its way back, so that whoever holds it can
/// neither read it nor pass off anything else for it.
///
/// Sealing happens where a write lies, in the thread that submits it; opening where an answer lies,
/// in the thread that received it. A request waits while another one has its pages: a write for all,
/// a read for writes. So what is known of a page does not change under a request, and each page has
/// at most one write whose outcome is open.
final class Sealed implements BlockDevice {

    private final Requests requests;
    private final Answers answers;
    private final KeptGrant grant;
    private final SealKey key;
    private final WriteJournal journal;
    private final PageClaims claims = new PageClaims();
    private final ZeroPages zeros;
    private final Settlement settlement;
    private final BlockDevice device;

    /// Held by whoever begins a request: guards the sealing and what follows.
    private final ReentrantLock beginning = new ReentrantLock();

    private final PageSeal sealing;
    private final PageRecord fresh = new PageRecord();
    private final int[] entries = new int[Requests.ALL];

    /// The requests that wait for pages or for an entry, oldest first.
    private final int[] waiting = new int[Requests.ALL];

    private volatile int waitingCount;

    /// What was submitted since the last flush; for the submitting thread alone.
    private final int[] submitted = new int[Requests.SLOTS];

    private int submittedCount;

    /// Begins what waited and settles what was let go of.
    private final Thread late;

    private volatile boolean nudged;
    private volatile boolean closed;

    private Sealed(Ready device, KeptGrant grant, Requests requests, Answers answers) {
        this.requests = requests;
        this.answers = answers;
        this.grant = grant;
        key = grant.key();
        journal = new WriteJournal(grant);
        zeros = new ZeroPages(requests, answers);
        sealing = newSeal();
        settlement = new Settlement(grant, journal, claims, requests);
        late = Thread.ofPlatform().daemon().name("sealed-late").unstarted(this::runLate);
        this.device = device.start(requests, new Opening());
        late.start();
    }

    /// Puts itself before a device that lenders see.
    static Ready before(Ready device, KeptGrant grant) {
        return new Ready() {
            @Override
            public long sizeBytes() {
                return device.sizeBytes();
            }

            @Override
            public BlockDevice start(Requests requests, Answers answers) {
                return new Sealed(device, grant, requests, answers);
            }
        };
    }

    private PageSeal newSeal() {
        return new PageSeal(grant, key);
    }

    /// Only notes the request: what a batch needs of the kept memory is fetched together.
    @Override
    public void submit(int slot) {
        submitted[submittedCount++] = slot;
    }

    @Override
    public void flush() {
        if (submittedCount > 0) {
            beginSubmitted(mayReadZeros());
            // Outside the lock: it may wait for the client.
            for (int i = 0; i < submittedCount; i++) {
                zeros.answer(submitted[i]);
            }
            submittedCount = 0;
            zeros.flush();
        }
        device.flush();
    }

    /// Whether what was submitted may have reads of zeros. Looks at all requests' first pages at
    /// once: the records of random pages are in no cache, and one after the other, behind the fences
    /// of what is done to each request, they would be waited for one after the other.
    private boolean mayReadZeros() {
        long found = 0;
        for (int i = 0; i < submittedCount; i++) {
            // 1 for a counter of 0 and 0 for all others, without a branch that waits for it.
            found |= (grant.counter(firstPage(submitted[i])) - 1) >>> (Long.SIZE - 1);
        }
        return found != 0;
    }

    /// Begins what was submitted, but for the reads of zeros, which stay.
    private void beginSubmitted(boolean mayReadZeros) {
        int zeroReads = 0;
        beginning.lock();
        try {
            for (int i = 0; i < submittedCount; i++) {
                int slot = submitted[i];
                if (mustWait(slot, waitingCount)) {
                    await(slot);
                } else if (mayReadZeros && isZeroRead(slot)) {
                    submitted[zeroReads++] = slot;
                } else {
                    begin(slot);
                    device.submit(slot);
                }
            }
        } finally {
            beginning.unlock();
        }
        submittedCount = zeroReads;
    }

    @Override
    public void send(int slot) {
        beginning.lock();
        try {
            if (mustWait(slot, waitingCount)) {
                await(slot);
                return;
            }
            begin(slot);
        } finally {
            beginning.unlock();
        }
        device.send(slot);
    }

    /// @param waitingBefore how many of the requests that wait have precedence
    private boolean mustWait(int slot, int waitingBefore) {
        boolean write = changes(slot);
        long from = firstPage(slot);
        long to = endPage(slot);
        if (claims.exclude(from, to, write)) {
            return true;
        }
        for (int i = 0; i < waitingBefore; i++) {
            int other = waiting[i];
            if ((write || changes(other)) && firstPage(other) < to && endPage(other) > from) {
                return true;
            }
        }
        return requests.command(slot) == Nbd.CMD_WRITE && !journal.hasFree();
    }

    private boolean changes(int slot) {
        return requests.command(slot) != Nbd.CMD_READ;
    }

    private long firstPage(int slot) {
        return requests.offset(slot) / KeptLayout.PAGE;
    }

    private long endPage(int slot) {
        return (requests.offset(slot) + requests.length(slot)) / KeptLayout.PAGE;
    }

    private boolean isZeroRead(int slot) {
        return requests.command(slot) == Nbd.CMD_READ
                && grant.areZeros(firstPage(slot), endPage(slot));
    }

    private void await(int slot) {
        int count = waitingCount;
        waiting[count] = slot;
        waitingCount = count + 1;
        nudge();
    }

    private void begin(int slot) {
        long from = firstPage(slot);
        long to = endPage(slot);
        claims.claim(slot, from, to, changes(slot));
        if (requests.command(slot) == Nbd.CMD_WRITE) {
            seal(slot, from, (int) (to - from));
        } else if (changes(slot)) {
            grant.dropPages(from, to);
        }
    }

    private void seal(int slot, long from, int count) {
        int entry = journal.take(from, count);
        ByteBuffer memory = requests.memory(slot);
        int at = requests.frame(slot) + RequestHeader.BYTES;
        for (int i = 0; i < count; i++) {
            fresh.counter = grant.nextCounter();
            sealing.seal(memory, at + i * KeptLayout.PAGE, from + i, fresh.counter);
            fresh.tagHigh = sealing.tagHigh();
            fresh.tagLow = sealing.tagLow();
            journal.note(entry, i, fresh);
        }
        journal.pend(entry);
        entries[slot] = entry;
    }

    private void runLate() {
        try {
            while (!closed) {
                nudged = false;
                if (!beginWaiting() && !settlement.advance(device)) {
                    while (!nudged && !closed) {
                        LockSupport.park(this);
                    }
                }
            }
        } catch (RuntimeException | Error e) {
            if (!closed) {
                // Requests would wait for ever: better a device that is seen to have stopped.
                answers.stopped(new DeviceStop("internal_error", "sealing: " + e));
            }
            throw e;
        }
    }

    /// Has the late thread look again. The flag, because waiting for a lock on its way would swallow
    /// what unpark alone leaves behind.
    private void nudge() {
        nudged = true;
        LockSupport.unpark(late);
    }

    /// Begins one request that waited for long enough.
    private boolean beginWaiting() {
        int slot = -1;
        beginning.lock();
        try {
            int count = waitingCount;
            for (int i = 0; slot < 0 && i < count; i++) {
                if (!mustWait(waiting[i], i)) {
                    slot = waiting[i];
                    System.arraycopy(waiting, i + 1, waiting, i, count - i - 1);
                    waitingCount = count - 1;
                    begin(slot);
                }
            }
        } finally {
            beginning.unlock();
        }
        if (slot >= 0) {
            device.send(slot);
        }
        return slot >= 0;
    }

    @Override
    public void abandon() {
        beginning.lock();
        try {
            for (int i = 0; i < waitingCount; i++) {
                answers.abandoned(waiting[i]);
            }
            waitingCount = 0;
        } finally {
            beginning.unlock();
        }
        device.abandon();
    }

    @Override
    public void close() {
        closed = true;
        device.close();
        nudge();
        try {
            late.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        key.destroy();
    }

    private final class Opening implements Answers {

        @Override
        public Sink sink() {
            return new OpeningSink(answers.sink(), newSeal());
        }

        @Override
        public void abandoned(int slot) {
            if (slot == Requests.SETTLE) {
                settlement.abandoned();
                nudge();
                return;
            }
            if (requests.command(slot) == Nbd.CMD_WRITE) {
                claims.handOver(slot, entries[slot]);
                nudge();
            } else {
                giveBack(slot);
            }
            answers.abandoned(slot);
        }

        @Override
        public void stopped(DeviceStop reason) {
            answers.stopped(reason);
        }
    }

    private void giveBack(int slot) {
        claims.release(slot, changes(slot));
        if (waitingCount > 0) {
            nudge();
        }
    }

    /// The answers of one thread.
    private final class OpeningSink implements Answers.Sink {

        private final Answers.Sink sink;
        private final PageSeal opening;
        private final PageRecord record = new PageRecord();

        OpeningSink(Answers.Sink sink, PageSeal opening) {
            this.sink = sink;
            this.opening = opening;
        }

        @Override
        public boolean answer(int slot, ByteBuffer memory, int at) {
            if (slot == Requests.SETTLE) {
                boolean useful = settlement.answered(memory, at, opening);
                nudge();
                return useful;
            }
            int command = requests.command(slot);
            if (command == Nbd.CMD_READ) {
                if (!open(slot, memory, at)) {
                    return false;
                }
            } else if (command == Nbd.CMD_WRITE) {
                journal.complete(entries[slot], record);
            }
            giveBack(slot);
            return sink.answer(slot, memory, at);
        }

        private boolean open(int slot, ByteBuffer memory, int at) {
            long first = firstPage(slot);
            int count = (int) (endPage(slot) - first);
            for (int i = 0; i < count; i++) {
                long page = first + i;
                int from = at + i * KeptLayout.PAGE;
                record.read(grant.memory(), grant.layout().record(page));
                if (record.counter == 0) {
                    ZeroPages.zero(memory, from, KeptLayout.PAGE);
                } else if (!opening.open(memory, from, page, record)) {
                    return false;
                }
            }
            return true;
        }

        @Override
        public void flush() {
            sink.flush();
        }
    }
}
