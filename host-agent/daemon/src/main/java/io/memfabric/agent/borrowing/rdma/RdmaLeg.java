package io.memfabric.agent.borrowing.rdma;

import io.memfabric.agent.borrowing.Answers;
import io.memfabric.agent.borrowing.DeviceStop;
import io.memfabric.agent.borrowing.Leg;
import io.memfabric.agent.borrowing.Requests;
import io.memfabric.agent.nbd.Nbd;
import io.memfabric.agent.nbd.RequestHeader;
import io.memfabric.agent.rdma.QueuePair;
import io.memfabric.agent.rdma.RdmaException;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.ReentrantLock;

/// Regions over one RDMA connection, which ends with it. The submitting thread posts, one thread of
/// this leg takes the completions.
///
/// Each request has at most one transfer under way, so a slot of the queue pair is that of a request.
/// All that changes is guarded by one lock, held for the time of a post.
final class RdmaLeg implements Leg {

    private static final System.Logger LOG = System.getLogger(RdmaLeg.class.getName());

    /// How long completions are polled for before this sleeps: about what an adapter takes to answer,
    /// and what a sleep and a wake-up cost.
    private static final Duration SPIN = Duration.ofNanos(30_000);

    /// How often a lender that is asked nothing is asked whether it is there.
    private static final Duration SIGN_OF_LIFE = Duration.ofSeconds(2);

    private static final int NONE = -1;

    private final RdmaLink link;
    private final QueuePair pair;
    private final Requests requests;
    private final Answers answers;
    private final Breaks breaks;
    private final ReentrantLock lock = new ReentrantLock();

    private final boolean[] outstanding = new boolean[Requests.ALL];
    private final long[] offsets = new long[Requests.ALL];
    private final int[] cells = new int[Requests.ALL];
    private final long[] zeroed = new long[Requests.ALL];

    /// Requests for which there is no memory now, in their order.
    private final ArrayDeque<Integer> waiting = new ArrayDeque<>();

    private boolean live = true;
    private final AtomicInteger flying = new AtomicInteger();

    /// What was submitted since the last flush; for the submitting thread alone.
    private final int[] batch = new int[Requests.ALL];

    private final long[] batchOffsets = new long[Requests.ALL];
    private int batched;

    /// Runs that go back when their answers were handed on; for the leg's thread alone.
    private final int[] spentCells = new int[Requests.ALL];

    private final int[] spentBytes = new int[Requests.ALL];
    private int spent;

    private final int[] refusals = new int[Requests.ALL];
    private volatile boolean closed;
    private final Thread thread;

    RdmaLeg(RdmaLink link, Requests requests, Answers answers, Breaks breaks) {
        this.link = link;
        this.pair = link.pair();
        this.requests = requests;
        this.answers = answers;
        this.breaks = breaks;
        thread = Thread.ofPlatform().daemon().name("rdma-leg").start(this::run);
    }

    @Override
    public boolean submit(int slot, long offset) {
        batch[batched] = slot;
        batchOffsets[batched] = offset;
        return batched++ == 0;
    }

    @Override
    public void flush() {
        int taken = 0;
        lock.lock();
        try {
            while (taken < batched && enter(batch[taken], batchOffsets[taken])) {
                taken++;
            }
        } finally {
            lock.unlock();
        }
        // Without the lock: who is told may hold one under which others come here.
        for (int i = taken; i < batched; i++) {
            answers.abandoned(batch[i]);
        }
        batched = 0;
    }

    @Override
    public void send(int slot, long offset) {
        boolean taken;
        lock.lock();
        try {
            taken = enter(slot, offset);
        } finally {
            lock.unlock();
        }
        if (!taken) {
            answers.abandoned(slot);
        }
    }

    /// Takes a request, unless the connection has ended. The caller holds the lock.
    private boolean enter(int slot, long offset) {
        if (!live) {
            return false;
        }
        offsets[slot] = offset;
        zeroed[slot] = 0;
        cells[slot] = NONE;
        outstanding[slot] = true;
        if (!waiting.isEmpty() || !dispatch(slot)) {
            waiting.add(slot);
        }
        return true;
    }

    /// Sends a request off if there is memory for it. The caller holds the lock.
    private boolean dispatch(int slot) {
        int bytes = dataBytes(slot);
        int cell = link.bounce().take(bytes);
        if (cell < 0) {
            return false;
        }
        cells[slot] = cell;
        if (requests.command(slot) == Nbd.CMD_WRITE) {
            int from = requests.frame(slot) + RequestHeader.BYTES;
            link.bounce().buffer().put(link.bounce().at(cell), requests.memory(slot), from, bytes);
        }
        post(slot);
        return true;
    }

    private int dataBytes(int slot) {
        int command = requests.command(slot);
        return command == Nbd.CMD_READ || command == Nbd.CMD_WRITE
                ? (int) requests.length(slot)
                : 0;
    }

    private void post(int slot) {
        try {
            int cell = cells[slot];
            long offset = offsets[slot];
            switch (requests.command(slot)) {
                case Nbd.CMD_READ -> link.read(slot, cell, offset, dataBytes(slot));
                case Nbd.CMD_WRITE -> link.write(slot, cell, offset, dataBytes(slot));
                case Nbd.CMD_TRIM, Nbd.CMD_WRITE_ZEROES -> {
                    long left = requests.length(slot) - zeroed[slot];
                    zeroed[slot] += link.zero(slot, offset + zeroed[slot], left);
                }
                default -> link.writeNothing(slot);
            }
            flying.incrementAndGet();
        } catch (RdmaException e) {
            // It is outstanding; the leg's thread sees the end and lets go of it.
            pair.stop();
        }
    }

    private void run() {
        try {
            receive();
        } catch (RdmaException e) {
            if (!closed) {
                LOG.log(Level.INFO, "{0} broke off: {1}", link, e.getMessage());
            }
        } catch (RuntimeException | Error e) {
            answers.stopped(new DeviceStop("internal_error", link + ": " + e));
            throw e;
        } finally {
            takeOffLine();
        }
    }

    /// Takes completions until the connection ends, many at once.
    private void receive() throws RdmaException {
        Answers.Sink sink = answers.sink();
        boolean asked = false;
        while (true) {
            int count = pair.await(flying.get() > 0 ? SPIN : Duration.ZERO, SIGN_OF_LIFE);
            try {
                for (int i = 0; i < count; i++) {
                    if (take(i, sink) == RdmaLink.SIGN_OF_LIFE) {
                        asked = false;
                    }
                }
            } finally {
                sink.flush();
            }
            if (count > 0) {
                giveBack();
            } else if (pair.hasEnded()) {
                throw new RdmaException(RdmaException.ENDED, "the connection has ended");
            } else if (!asked && flying.get() == 0) {
                asked = true;
                ask();
            }
        }
    }

    private void ask() throws RdmaException {
        lock.lock();
        try {
            link.writeNothing(RdmaLink.SIGN_OF_LIFE);
        } finally {
            lock.unlock();
        }
    }

    private int take(int completion, Answers.Sink sink) throws RdmaException {
        int slot = pair.slot(completion);
        int status = pair.status(completion);
        if (status != 0) {
            throw new RdmaException(RdmaException.ENDED, "a transfer ended with status " + status);
        }
        if (slot == QueuePair.FOREIGN) {
            throw new RdmaException(RdmaException.FAILED, "the lender sent a second message");
        }
        if (slot != RdmaLink.SIGN_OF_LIFE && isDone(slot)) {
            answer(slot, sink);
        }
        return slot;
    }

    /// Whether a request has no more transfers to do.
    private boolean isDone(int slot) {
        lock.lock();
        try {
            flying.decrementAndGet();
            int command = requests.command(slot);
            boolean zeroes = command == Nbd.CMD_TRIM || command == Nbd.CMD_WRITE_ZEROES;
            if (zeroes && zeroed[slot] < requests.length(slot)) {
                post(slot);
                return false;
            }
            // Its slot may be another request's as soon as it is answered.
            outstanding[slot] = false;
            spentCells[spent] = cells[slot];
            spentBytes[spent++] = dataBytes(slot);
            return true;
        } finally {
            lock.unlock();
        }
    }

    private void answer(int slot, Answers.Sink sink) throws RdmaException {
        BounceMemory bounce = link.bounce();
        if (sink.answer(slot, bounce.answers(), bounce.at(spentCells[spent - 1]))) {
            refusals[slot] = 0;
            return;
        }
        lock.lock();
        try {
            outstanding[slot] = true;
        } finally {
            lock.unlock();
        }
        RdmaException cause =
                new RdmaException(
                        RdmaException.FAILED, "the lender answered other data than was written");
        if (++refusals[slot] == Answers.TRIES) {
            answers.stopped(new DeviceStop(Answers.PAGE_LOST, link + ": " + cause.getMessage()));
        }
        throw cause;
    }

    private void giveBack() {
        lock.lock();
        try {
            while (spent > 0) {
                spent--;
                link.bounce().give(spentCells[spent], spentBytes[spent]);
            }
            while (!waiting.isEmpty() && dispatch(waiting.peek())) {
                waiting.remove();
            }
        } finally {
            lock.unlock();
        }
    }

    private void takeOffLine() {
        breaks.broke();
        pair.stop();
        lock.lock();
        try {
            live = false;
        } finally {
            lock.unlock();
        }
        // From here on nobody posts, and when this answers the device uses no memory of ours.
        link.close();
        for (int slot = 0; slot < outstanding.length; slot++) {
            if (outstanding[slot]) {
                outstanding[slot] = false;
                answers.abandoned(slot);
            }
        }
    }

    /// What a dead leg had was let go of already.
    @Override
    public void abandon() {}

    @Override
    public void cut() {
        pair.stop();
    }

    @Override
    public void close() {
        closed = true;
        pair.stop();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
