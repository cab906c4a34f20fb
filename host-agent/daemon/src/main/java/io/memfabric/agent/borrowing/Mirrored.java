package io.memfabric.agent.borrowing;

import io.memfabric.agent.nbd.Nbd;
import io.memfabric.agent.policy.MirrorState.Event;
import io.memfabric.agent.policy.MirrorState.Standing;
import java.util.concurrent.locks.ReentrantLock;

/// Two legs as one: an extent that outlives either lender. [MirrorLegs] knows what the legs are
/// worth, [MirrorReads] reads from the better one; this sends each write to all that get writes.
///
/// One lock guards what the extent has under way. It is never held while bytes are sent or an answer
/// is passed on. Writes that touch each other, or a chunk that is being copied, go one after the
/// other, so both legs see them in one order. Whatever cannot be sent now waits in [#waiting], and
/// the grant's [MirrorKeeper] tries it again after each change.
final class Mirrored {

    private static final System.Logger LOG = System.getLogger(Mirrored.class.getName());
    private static final int BOTH = 3;
    static final int LEG_BITS = 2;

    private final Mirrors mirrors;
    private final Flights flights;
    private final int extent;
    private final Answers answers;
    private final MirrorCopies copies;

    private final ReentrantLock lock = new ReentrantLock();
    private final MirrorLegs legs;
    private final MirrorReads reads;

    private final SlotSet writing = new SlotSet();
    private final SlotSet waiting = new SlotSet();
    private final SlotSet trying = new SlotSet();

    /// Writes that only wait for the keeper to answer them.
    private final SlotSet finished = new SlotSet();

    private boolean retry;
    private volatile boolean unsettled;

    /// @param up the legs, a bit each, that are connected
    Mirrored(Mirrors mirrors, int extent, MirrorWay first, MirrorWay second, int up) {
        this.mirrors = mirrors;
        this.flights = mirrors.flights();
        this.extent = extent;
        this.answers = mirrors.answers();
        legs = new MirrorLegs(this, first, second, up);
        copies = new MirrorCopies(this, flights, mirrors.section(), extent);
        reads = new MirrorReads(this, legs, copies);
    }

    /// The connections that were there have begun.
    void begin() {
        legs.on(new Event.Recorded());
    }

    int extent() {
        return extent;
    }

    Mirrors mirrors() {
        return mirrors;
    }

    MirrorCopies copies() {
        return copies;
    }

    MirrorLegs legs() {
        return legs;
    }

    MirrorReads reads() {
        return reads;
    }

    ReentrantLock lock() {
        return lock;
    }

    boolean isUnsettled() {
        return unsettled;
    }

    /// Takes a request for the legs' next flush; for the submitting thread.
    ///
    /// @param at where it begins in the extent
    void submit(int slot, long at, Submitted submitted) {
        MirrorWay[] to;
        int plan;
        lock.lock();
        try {
            to = legs.ways();
            plan = beginFresh(slot, at);
        } finally {
            lock.unlock();
        }
        int wire = plan >>> LEG_BITS;
        for (int leg = 0; leg < 2; leg++) {
            if ((plan >>> leg & 1) != 0 && to[leg].submit(wire, at)) {
                submitted.add(to[leg].connection());
            }
        }
    }

    /// Sends a request at once; for any thread but the legs'.
    void send(int slot, long at) {
        MirrorWay[] to;
        int plan;
        lock.lock();
        try {
            to = legs.ways();
            plan = beginFresh(slot, at);
        } finally {
            lock.unlock();
        }
        dispatch(plan, to);
    }

    private void dispatch(int plan, MirrorWay[] to) {
        int wire = plan >>> LEG_BITS;
        if (plan == 0) {
            return;
        }
        // Once all legs have answered, the slot is somebody else's.
        long at = flights.offset[wire];
        for (int leg = 0; leg < 2; leg++) {
            if ((plan >>> leg & 1) != 0) {
                to[leg].send(wire, at);
            }
        }
    }

    private int beginFresh(int slot, long offset) {
        flights.offset[slot] = offset;
        flights.refused[slot] = 0;
        flights.refusals[slot] = 0;
        return begin(slot);
    }

    /// Begins a request or lets it wait.
    ///
    /// @return the legs to send to, a bit each, and above them the slot to send; 0 where it waits
    private int begin(int slot) {
        if (flights.requests.command(slot) == Nbd.CMD_READ) {
            return reads.begin(slot);
        }
        return beginWrite(slot);
    }

    private int beginWrite(int slot) {
        long from = flights.offset[slot];
        long length = flights.length(slot);
        if (legs.writable() == 0 || isWriting(from, length) || copies.isCopying(from, length)) {
            waiting.add(slot);
            return 0;
        }
        if (legs.writable() != BOTH) {
            copies.noteMissed(BOTH & ~legs.writable(), from, length);
        }
        writing.add(slot);
        flights.pending[slot] = legs.writable();
        flights.acked[slot] = 0;
        flights.sentAt[slot] = System.nanoTime();
        flights.owner[slot] = this;
        return legs.writable() | slot << LEG_BITS;
    }

    /// Whether a write under way touches these bytes. The caller holds the lock.
    boolean isWriting(long from, long length) {
        for (int slot = writing.next(0); slot >= 0; slot = writing.next(slot + 1)) {
            if (flights.overlaps(slot, from, length)) {
                return true;
            }
        }
        return false;
    }

    /// A leg answered a write.
    ///
    /// @return whether the write is done now
    boolean written(int slot, MirrorLink link) {
        lock.lock();
        try {
            int leg = legs.legOf(link);
            flights.acked[slot] |= 1 << leg;
            flights.pending[slot] &= ~(1 << leg);
            return flights.pending[slot] == 0 && finish(slot);
        } finally {
            lock.unlock();
        }
    }

    /// A leg let go of a write.
    void writeLost(int slot, MirrorLink link) {
        lock.lock();
        try {
            int leg = legs.legOf(link);
            flights.pending[slot] &= ~(1 << leg);
            if (legs.state().leg(leg).standing() != Standing.IN_SYNC) {
                copies.noteMissed(1 << leg, flights.offset[slot], flights.length(slot));
            }
            if (flights.pending[slot] == 0 && finish(slot)) {
                finished.add(slot);
            }
            tryAgain();
        } finally {
            lock.unlock();
        }
    }

    private boolean finish(int slot) {
        writing.remove(slot);
        flights.owner[slot] = null;
        if (!waiting.isEmpty()) {
            tryAgain();
        }
        if (!legs.state().isAcknowledged(flights.acked[slot])) {
            // The leg in sync may or may not have it: no other may pass for its equal there.
            copies.noteMissed(BOTH & ~copies.trusted(), flights.offset[slot], flights.length(slot));
            waiting.add(slot);
            tryAgain();
            return false;
        }
        copies.noteWritten(flights.acked[slot], flights.offset[slot], flights.length(slot));
        return true;
    }

    /// Something changed: what waits may go on. The caller holds the lock.
    void tryAgain() {
        retry = true;
        unsettled = true;
        mirrors.wake();
    }

    /// Answers what is finished and sends what waited; for the keeper.
    void settle(MirrorReplies replies) {
        while (true) {
            int slot;
            int plan = 0;
            boolean done;
            MirrorWay[] to;
            lock.lock();
            try {
                if (retry) {
                    retry = false;
                    trying.addAll(waiting);
                    waiting.clear();
                }
                done = !finished.isEmpty();
                if (!done && trying.isEmpty()) {
                    unsettled = false;
                    break;
                }
                slot = done ? finished.take() : trying.take();
                to = legs.ways();
                plan = done ? 0 : begin(slot);
            } finally {
                lock.unlock();
            }
            if (done) {
                replies.answer(slot);
            } else {
                dispatch(plan, to);
            }
        }
        replies.flush();
    }

    /// Cuts the legs that let a request wait for too long, if the other one lives.
    void cutLate(int slot, long now) {
        int late;
        lock.lock();
        try {
            if (flights.owner[slot] != this) {
                return;
            }
            late = 0;
            long waited = now - flights.sentAt[slot];
            for (int leg = 0; leg < 2; leg++) {
                boolean owes = (flights.pending[slot] >>> leg & 1) != 0;
                boolean otherLives = (legs.readable() & ~(1 << leg)) != 0;
                long silent = now - legs.ways()[leg].link().heardAt();
                if (owes && otherLives && MirrorPace.isLate(waited, silent)) {
                    late |= 1 << leg;
                }
            }
        } finally {
            lock.unlock();
        }
        for (int leg = 0; leg < 2; leg++) {
            if ((late >>> leg & 1) != 0 && legs.ways()[leg].link().cut()) {
                LOG.log(System.Logger.Level.INFO, "extent {0} cut its silent leg {1}", extent, leg);
            }
        }
    }

    /// Lets a request wait for the next change. The caller holds the lock.
    void await(int slot) {
        waiting.add(slot);
    }

    /// Puts an empty region in the place of a leg that was given up and whose connection tells nothing
    /// more.
    void replace(int leg, MirrorWay way) {
        lock.lock();
        try {
            for (int slot = writing.next(0); slot >= 0; slot = writing.next(slot + 1)) {
                // What the lost region took is lost with it.
                flights.acked[slot] &= ~(1 << leg);
                copies.noteMissed(1 << leg, flights.offset[slot], flights.length(slot));
            }
            legs.replace(leg, way);
        } finally {
            lock.unlock();
        }
    }

    /// While one leg can be read everything is going to be answered; else what waits is let go of.
    void abandon() {
        while (true) {
            int slot;
            lock.lock();
            try {
                if (legs.readable() != 0) {
                    return;
                }
                waiting.addAll(trying);
                trying.clear();
                if (waiting.isEmpty()) {
                    return;
                }
                slot = waiting.take();
                if (flights.requests.command(slot) != Nbd.CMD_READ) {
                    // A leg that is not the last copy may have it, and nobody will write it again.
                    copies.noteMissed(
                            BOTH & ~copies.trusted(), flights.offset[slot], flights.length(slot));
                }
            } finally {
                lock.unlock();
            }
            answers.abandoned(slot);
        }
    }
}
