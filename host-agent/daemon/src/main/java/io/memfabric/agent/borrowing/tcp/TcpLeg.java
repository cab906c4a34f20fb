package io.memfabric.agent.borrowing.tcp;

import io.memfabric.agent.borrowing.Answers;
import io.memfabric.agent.borrowing.DeviceStop;
import io.memfabric.agent.borrowing.Leg;
import io.memfabric.agent.borrowing.Requests;
import io.memfabric.agent.nbd.FrameBuffer;
import io.memfabric.agent.nbd.Nbd;
import io.memfabric.agent.nbd.NbdException;
import io.memfabric.agent.nbd.NbdRefusedException;
import io.memfabric.agent.nbd.ReplyHeader;
import io.memfabric.agent.nbd.Wire;
import io.memfabric.agent.nbd.tls.TlsException;
import java.io.EOFException;
import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;

/// Regions over one TCP connection. The submitting thread sends, one thread of this leg receives
/// and, when the connection breaks, makes the next one.
///
/// The two meet only in [Outstanding]: a request is entered there before it is sent, and whoever
/// sees its answer takes it out. What is in there after a break is sent again.
final class TcpLeg implements Leg {

    private static final System.Logger LOG = System.getLogger(TcpLeg.class.getName());
    private static final int MAX_ANSWER = ReplyHeader.BYTES + Requests.MAX_PAYLOAD;
    private static final int FIRST_PAUSE_MILLIS = 5;
    private static final int LONGEST_PAUSE_MILLIS = 1_000;

    private final LenderAddress lender;
    private final Requests requests;
    private final Answers answers;
    private final Outstanding outstanding;
    private final Outbox outbox;

    private final ReentrantLock sending = new ReentrantLock();
    private volatile Wire wire;

    /// Whether requests go out at once; else they wait in [#outstanding] for the next connection.
    /// Guarded by [#sending].
    private boolean live = true;

    private final CountDownLatch closed = new CountDownLatch(1);
    private final Thread receiver;
    private final ScheduledFuture<?> watch;

    /// Grows when something arrives, and again when that is handed on: even while the receiver
    /// waits for the lender, odd while it is busy or waits for QEMU.
    private final AtomicLong progress = new AtomicLong();

    /// How often the data of each slot's read was refused; for the receiver alone.
    private final int[] refusals = new int[Requests.ALL];

    /// The last refusal that was logged; for the receiver alone.
    private String complaint = "";

    /// Whether this connection answered a request; for the receiver alone.
    private boolean useful;

    /// A connection that has entered its region.
    record Connection(LenderAddress lender, Wire wire) implements Leg.Connected {
        @Override
        public Leg start(Requests requests, Answers answers) {
            return new TcpLeg(this, requests, answers);
        }

        @Override
        public void close() {
            LenderAddress.quietlyClose(wire);
        }
    }

    private TcpLeg(Connection connection, Requests requests, Answers answers) {
        this.lender = connection.lender();
        this.wire = connection.wire();
        this.requests = requests;
        this.answers = answers;
        this.outstanding = new Outstanding();
        this.outbox = new Outbox(requests);
        receiver = Thread.ofPlatform().daemon().name("leg-" + lender.address()).start(this::run);
        watch =
                lender.clock()
                        .scheduleWithFixedDelay(
                                new Watch(), Watch.SECONDS, Watch.SECONDS, TimeUnit.SECONDS);
    }

    @Override
    public boolean submit(int slot, long offset) {
        return outbox.add(slot, offset);
    }

    @Override
    public void flush() {
        sending.lock();
        try {
            outbox.enter(outstanding);
            if (live) {
                outbox.send(wire);
            }
        } catch (IOException e) {
            // What was not sent is outstanding; the receiver sees the end as well and goes on.
            LenderAddress.quietlyClose(wire);
        } finally {
            outbox.clear();
            sending.unlock();
        }
    }

    @Override
    public void send(int slot, long offset) {
        sending.lock();
        try {
            outstanding.enter(requests, slot, offset);
            if (live) {
                Outbox.sendOne(wire, requests, slot);
            }
        } catch (IOException e) {
            LenderAddress.quietlyClose(wire);
        } finally {
            sending.unlock();
        }
    }

    private void run() {
        try {
            receiveAndReconnect();
        } catch (RuntimeException | Error e) {
            // Requests would wait for ever: better a device that is seen to have stopped.
            stop("internal_error", e);
            throw e;
        }
    }

    private void receiveAndReconnect() {
        int pause = FIRST_PAUSE_MILLIS;
        while (!isClosed()) {
            useful = false;
            try {
                receive();
            } catch (IOException e) {
                if (!isClosed()) {
                    LOG.log(System.Logger.Level.INFO, "{0} broke off: {1}", lender, e.toString());
                }
            }
            takeOffLine();
            pause = reconnect(useful ? FIRST_PAUSE_MILLIS : pause);
        }
    }

    private void takeOffLine() {
        sending.lock();
        try {
            live = false;
        } finally {
            sending.unlock();
        }
        LenderAddress.quietlyClose(wire);
    }

    /// Receives answers until the connection ends, many at once.
    private void receive() throws IOException {
        Wire from = wire;
        FrameBuffer in = new FrameBuffer(MAX_ANSWER);
        Answers.Sink sink = answers.sink();
        try {
            int frame = ReplyHeader.BYTES;
            for (long steps = progress.get() & ~1L; in.receive(from, frame); ) {
                progress.setRelease(++steps);
                frame = takeAnswers(in, sink);
                sink.flush();
                progress.setRelease(++steps);
            }
            throw new EOFException("the lender closed");
        } finally {
            sink.flush();
        }
    }

    /// Hands on what has arrived, and answers the length of the answer that has not arrived
    /// completely, as far as it is known.
    private int takeAnswers(FrameBuffer in, Answers.Sink sink) throws NbdException {
        while (in.available() >= ReplyHeader.BYTES) {
            int at = in.start();
            int slot = outstanding.slotOf(ReplyHeader.cookie(in.memory(), at));
            int error = ReplyHeader.error(in.memory(), at);
            if (error != Nbd.OK) {
                // A lender that keeps to the protocol has no reason for one. The next connection
                // may: QEMU must never see it.
                throw new NbdException("the lender answered error " + error);
            }
            int frame = ReplyHeader.BYTES + requests.answerLength(slot);
            if (in.available() < frame) {
                return frame;
            }
            long cookie = ReplyHeader.cookie(in.memory(), at);
            outstanding.leave(slot);
            if (!sink.answer(slot, in.memory(), at + ReplyHeader.BYTES)) {
                outstanding.stay(slot, cookie);
                refuse(slot);
            }
            refusals[slot] = 0;
            useful = true;
            in.take(frame);
        }
        return ReplyHeader.BYTES;
    }

    /// Takes offence at data that is not what was written. Whatever falsified it, nothing that
    /// follows on this connection is worth more; the next one fetches it again.
    private void refuse(int slot) throws NbdException {
        NbdException cause = new NbdException("the lender answered other data than was written");
        if (++refusals[slot] == Answers.TRIES) {
            stop(Answers.PAGE_LOST, cause);
        }
        throw cause;
    }

    /// Connects again, with a growing pause before each try, and sends what is outstanding.
    ///
    /// @return the pause before the next try of the next break
    private int reconnect(int firstPause) {
        int pause = firstPause;
        while (!isClosed()) {
            try {
                if (closed.await(pause, TimeUnit.MILLISECONDS)) {
                    return pause;
                }
                pause = Math.min(2 * pause, LONGEST_PAUSE_MILLIS);
                resume(lender.connect());
                return pause;
            } catch (LenderAddress.WrongSizeException e) {
                stop("region_changed", e);
            } catch (NbdRefusedException e) {
                if (e.isUnknownExport()) {
                    stop("region_gone", e);
                }
                complainOnce(e);
            } catch (TlsException e) {
                complainOnce(e);
            } catch (IOException e) {
                LOG.log(System.Logger.Level.DEBUG, "{0} is out of reach: {1}", lender, e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return pause;
            }
        }
        return pause;
    }

    /// A lender that is there and does not agree with us waits for an operator; one line is enough.
    private void complainOnce(NbdException e) {
        String why = String.valueOf(e.getMessage());
        if (!why.equals(complaint)) {
            complaint = why;
            LOG.log(System.Logger.Level.WARNING, "{0}: {1}", lender, why);
        }
    }

    private void resume(Wire fresh) throws IOException {
        sending.lock();
        try {
            wire = fresh;
            outstanding.sendAgain(fresh, requests);
            live = true;
        } catch (IOException e) {
            fresh.close();
            throw e;
        } finally {
            sending.unlock();
        }
        if (isClosed()) {
            fresh.close();
        }
    }

    private void stop(String code, Throwable cause) {
        LOG.log(System.Logger.Level.ERROR, "{0} gives up, {1}: {2}", lender, code, cause);
        closed.countDown();
        answers.stopped(new DeviceStop(code, lender + ": " + cause.getMessage()));
    }

    @Override
    public void abandon() {
        sending.lock();
        try {
            if (!live) {
                outstanding.abandon(answers);
            }
        } finally {
            sending.unlock();
        }
    }

    private boolean isClosed() {
        return closed.getCount() == 0;
    }

    @Override
    public void close() {
        closed.countDown();
        watch.cancel(false);
        LenderAddress.quietlyClose(wire);
        try {
            receiver.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// Ends a connection on which nothing comes back: a lender that is silent is as bad as one that
    /// is gone, and neither TCP nor QEMU would notice for minutes.
    private final class Watch implements Runnable {

        static final int SECONDS = 5;

        private long seen = -1;

        @Override
        public void run() {
            long now = progress.get();
            boolean isWaiting = (now & 1) == 0 && !outstanding.isEmpty();
            boolean isSilent = isWaiting && now == seen;
            seen = isWaiting ? now : -1;
            if (isSilent) {
                LOG.log(System.Logger.Level.INFO, "{0} is silent", lender);
                LenderAddress.quietlyClose(wire);
            }
        }
    }
}
