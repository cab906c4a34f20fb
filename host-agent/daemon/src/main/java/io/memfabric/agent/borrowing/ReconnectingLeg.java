package io.memfabric.agent.borrowing;

import java.lang.System.Logger.Level;
import java.nio.ByteBuffer;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/// A leg that makes its next connection when one ends, by whatever way is there then, out of legs
/// that end with their connections. What such a leg let go of is sent again over the next.
public final class ReconnectingLeg implements Leg {

    private static final System.Logger LOG = System.getLogger(ReconnectingLeg.class.getName());
    private static final int FIRST_PAUSE_MILLIS = 5;
    private static final int LONGEST_PAUSE_MILLIS = 1_000;

    private final Transport transport;
    private final LegGroup group;
    private final Requests requests;
    private final Answers answers;
    private final ReentrantLock lock = new ReentrantLock();
    private final long[] offsets = new long[Requests.ALL];

    /// Requests that no connection has; guarded by the lock.
    private final boolean[] pending = new boolean[Requests.ALL];

    private final int[] refusals = new int[Requests.ALL];

    /// The connection that requests go to, or null between two; changed under the lock.
    private volatile @Nullable Life now;

    /// The last that there was; changed under the lock.
    private volatile @Nullable Life latest;

    private final Semaphore broken = new Semaphore(0);
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Thread thread;

    /// Where the requests of this batch went; for the submitting thread alone.
    private @Nullable Life batch;

    private final int[] stranded = new int[Requests.ALL];
    private int strandedCount;
    private boolean anySubmitted;

    /// @param transport how to connect again
    /// @param first the connection to begin with, used up by this
    public ReconnectingLeg(
            Transport transport,
            LegGroup group,
            Connected first,
            Requests requests,
            Answers answers) {
        this.transport = transport;
        this.group = group;
        this.requests = requests;
        this.answers = answers;
        begin(first);
        thread = Thread.ofVirtual().name("reconnect-" + group.address()).start(this::keepConnected);
    }

    /// One connection's life, and what it tells.
    private final class Life implements Answers, Breaks {

        private @Nullable Leg leg;

        Leg leg() {
            Leg begun = leg;
            if (begun == null) {
                throw new IllegalStateException("not begun");
            }
            return begun;
        }

        @Override
        public Sink sink() {
            return new CountingSink(answers.sink());
        }

        @Override
        public void abandoned(int slot) {
            Life next;
            lock.lock();
            try {
                next = now;
                if (next == null || next == this) {
                    pending[slot] = true;
                    return;
                }
            } finally {
                lock.unlock();
            }
            // The next connection began before this one let go.
            next.leg().send(slot, offsets[slot]);
        }

        @Override
        public void broke() {
            lock.lock();
            try {
                if (now == this) {
                    now = null;
                }
            } finally {
                lock.unlock();
            }
            broken.release();
        }

        @Override
        public void stopped(DeviceStop reason) {
            closed.countDown();
            answers.stopped(reason);
        }
    }

    /// Notices a page that every connection gets wrong.
    private final class CountingSink implements Answers.Sink {

        private final Answers.Sink sink;

        CountingSink(Answers.Sink sink) {
            this.sink = sink;
        }

        @Override
        public boolean answer(int slot, ByteBuffer memory, int at) {
            if (sink.answer(slot, memory, at)) {
                refusals[slot] = 0;
                return true;
            }
            if (++refusals[slot] == Answers.TRIES) {
                stop(
                        Answers.PAGE_LOST,
                        "lender " + group.lenderId() + " answers other data than was written");
            }
            return false;
        }

        @Override
        public void flush() {
            sink.flush();
        }
    }

    private void begin(Connected fresh) {
        Life life = new Life();
        int[] left = new int[Requests.ALL];
        int count = 0;
        lock.lock();
        try {
            // It may end at once; that is told when this lock is open again.
            life.leg = fresh.start(requests, life, life);
            now = life;
            latest = life;
            for (int slot = 0; slot < pending.length; slot++) {
                if (pending[slot]) {
                    pending[slot] = false;
                    left[count++] = slot;
                }
            }
        } finally {
            lock.unlock();
        }
        for (int i = 0; i < count; i++) {
            life.leg().send(left[i], offsets[left[i]]);
        }
    }

    private void keepConnected() {
        try {
            do {
                broken.acquire();
                end(latest);
            } while (!isClosed() && connectAgain());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            end(latest);
        }
    }

    private static void end(@Nullable Life life) {
        if (life != null) {
            life.leg().close();
        }
    }

    /// Connects again, with a growing pause before each try.
    private boolean connectAgain() throws InterruptedException {
        int pause = FIRST_PAUSE_MILLIS;
        String complaint = "";
        while (!closed.await(pause, TimeUnit.MILLISECONDS)) {
            pause = Math.min(2 * pause, LONGEST_PAUSE_MILLIS);
            try {
                begin(transport.connect(group));
                return true;
            } catch (BorrowingException e) {
                if (e.code().equals(REFUSED)) {
                    stop("region_gone", String.valueOf(e.getMessage()));
                    return false;
                }
                String why = String.valueOf(e.getMessage());
                LOG.log(why.equals(complaint) ? Level.DEBUG : Level.INFO, why);
                complaint = why;
            }
        }
        return false;
    }

    private void stop(String code, String detail) {
        LOG.log(Level.ERROR, "{0} gives up, {1}: {2}", group.address(), code, detail);
        closed.countDown();
        answers.stopped(new DeviceStop(code, detail));
    }

    @Override
    public boolean submit(int slot, long offset) {
        offsets[slot] = offset;
        boolean isFirst = !anySubmitted;
        if (isFirst) {
            anySubmitted = true;
            batch = now;
        }
        Life to = batch;
        if (to == null) {
            stranded[strandedCount++] = slot;
        } else {
            to.leg().submit(slot, offset);
        }
        return isFirst;
    }

    @Override
    public void flush() {
        Life to = batch;
        anySubmitted = false;
        batch = null;
        if (to != null) {
            to.leg().flush();
        }
        for (int i = 0; i < strandedCount; i++) {
            strand(stranded[i]);
        }
        strandedCount = 0;
    }

    @Override
    public void send(int slot, long offset) {
        offsets[slot] = offset;
        strand(slot);
    }

    private void strand(int slot) {
        Life to;
        lock.lock();
        try {
            to = now;
            if (to == null) {
                pending[slot] = true;
                return;
            }
        } finally {
            lock.unlock();
        }
        to.leg().send(slot, offsets[slot]);
    }

    @Override
    public void abandon() {
        boolean[] gone = new boolean[Requests.ALL];
        lock.lock();
        try {
            if (now != null) {
                return;
            }
            for (int slot = 0; slot < pending.length; slot++) {
                gone[slot] = pending[slot];
                pending[slot] = false;
            }
        } finally {
            lock.unlock();
        }
        for (int slot = 0; slot < gone.length; slot++) {
            if (gone[slot]) {
                answers.abandoned(slot);
            }
        }
    }

    @Override
    public void cut() {
        Life life = now;
        if (life != null) {
            life.leg().cut();
        }
    }

    private boolean isClosed() {
        return closed.getCount() == 0;
    }

    @Override
    public void close() {
        closed.countDown();
        end(latest);
        broken.release();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
