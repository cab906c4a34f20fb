package io.memfabric.agent.borrowing;

import io.memfabric.agent.nbd.Nbd;
import io.memfabric.agent.policy.MirrorState;
import io.memfabric.agent.policy.MirrorState.Action;
import io.memfabric.agent.policy.MirrorState.Event;
import io.memfabric.agent.policy.MirrorState.LegState;
import io.memfabric.agent.policy.MirrorState.Reach;
import io.memfabric.agent.policy.MirrorState.Standing;
import io.memfabric.contract.agent.LegReport;
import io.memfabric.contract.vocabulary.FabricLimits;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;

/// Two legs as one: an extent that outlives either lender. [MirrorState] decides what the legs are
/// worth; this sends each write to all that get writes and each read to the better one.
///
/// One lock guards what the extent has under way. It is never held while bytes are sent or an answer
/// is passed on. Writes that touch each other, or a chunk that is being copied, go one after the
/// other, so both legs see them in one order. Whatever cannot be sent now waits in [#waiting], and
/// the grant's [MirrorKeeper] tries it again after each change.
final class Mirrored {

    private static final System.Logger LOG = System.getLogger(Mirrored.class.getName());
    private static final int BOTH = 3;
    private static final int LEG_BITS = 2;
    private static final String REGION_GONE = "region_gone";
    private static final int MAX_REFUSALS = 6;

    private final Mirrors mirrors;
    private final Flights flights;
    private final int extent;
    private final Answers answers;
    private final MirrorCopies copies;

    private final ReentrantLock lock = new ReentrantLock();
    private MirrorState state;
    private int readable;
    private int writable;
    private volatile MirrorWay[] ways;

    private final SlotSet writing = new SlotSet();
    private final SlotSet waiting = new SlotSet();
    private final SlotSet trying = new SlotSet();

    /// Writes that only wait for the keeper to answer them.
    private final SlotSet finished = new SlotSet();

    private boolean retry;
    private volatile boolean unsettled;

    /// The leg that reads go to while both can be read.
    private volatile int preferred;

    /// What the last read looked like; for probes.
    private long lastOffset;

    private long lastLength;
    private final AtomicLong reads = new AtomicLong();

    /// @param up the legs, a bit each, that are connected
    Mirrored(Mirrors mirrors, int extent, MirrorWay first, MirrorWay second, int up) {
        this.mirrors = mirrors;
        this.flights = mirrors.flights();
        this.extent = extent;
        this.answers = mirrors.answers();
        MirrorSection section = mirrors.section();
        state =
                new MirrorState(
                        new LegState(section.standing(extent, 0), reach(up & 1)),
                        new LegState(section.standing(extent, 1), reach(up & 2)),
                        true);
        copies = new MirrorCopies(this, flights, section, extent);
        preferred = extent % 2;
        ways = new MirrorWay[] {first, second};
    }

    private static Reach reach(int bit) {
        return bit == 0 ? Reach.BROKEN : Reach.CONNECTED;
    }

    /// The connections that were there have begun.
    void begin() {
        on(new Event.Recorded());
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

    MirrorWay[] ways() {
        return ways;
    }

    ReentrantLock lock() {
        return lock;
    }

    /// The caller holds the lock.
    MirrorState state() {
        return state;
    }

    boolean isUnsettled() {
        return unsettled;
    }

    /// Grows with the reads.
    long reads() {
        return reads.get();
    }

    /// Takes a request for the legs' next flush; for the submitting thread.
    ///
    /// @param at where it begins in the extent
    void submit(int slot, long at, Submitted submitted) {
        MirrorWay[] to;
        int plan;
        lock.lock();
        try {
            to = ways;
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
            to = ways;
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
            return beginRead(slot);
        }
        return beginWrite(slot);
    }

    private int beginRead(int slot) {
        long from = flights.offset[slot];
        long length = flights.length(slot);
        if (copies.isSuspect(from, length)) {
            waiting.add(slot);
            return 0;
        }
        int has = ~copies.lacking(from, length);
        int good = readable & has;
        int untried = good & ~flights.refused[slot];
        if (untried == 0 && flights.refused[slot] != 0) {
            // Where copies can be told from one another, one that is not in sync will do.
            untried = state.connected() & has & ~flights.refused[slot];
        }
        int legs = untried != 0 ? untried : good;
        if (legs == 0) {
            waiting.add(slot);
            return 0;
        }
        int leg = legs == BOTH ? preferred : legs - 1;
        int lane = flights.takeLane(length);
        enterLane(lane, slot, from, leg);
        flights.lane[slot] = lane;
        lastOffset = from;
        lastLength = length;
        reads.lazySet(reads.getPlain() + 1);
        return 1 << leg | lane << LEG_BITS;
    }

    private void enterLane(int lane, int client, long from, int leg) {
        flights.client[lane] = client;
        flights.offset[lane] = from;
        flights.pending[lane] = 1 << leg;
        flights.sentAt[lane] = System.nanoTime();
        flights.owner[lane] = this;
    }

    private int beginWrite(int slot) {
        long from = flights.offset[slot];
        long length = flights.length(slot);
        if (writable == 0 || isWriting(from, length) || copies.isCopying(from, length)) {
            waiting.add(slot);
            return 0;
        }
        if (writable != BOTH) {
            copies.noteMissed(BOTH & ~writable, from, length);
        }
        writing.add(slot);
        flights.pending[slot] = writable;
        flights.acked[slot] = 0;
        flights.sentAt[slot] = System.nanoTime();
        flights.owner[slot] = this;
        return writable | slot << LEG_BITS;
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

    /// A lane's answer arrived. When this answers, the lane is free.
    ///
    /// @return whose read it answers, or -1 where somebody else answered before
    int landed(int lane) {
        lock.lock();
        try {
            int slot = flights.client[lane];
            flights.freeLane(lane);
            if (slot == Flights.NOBODY) {
                flights.freeSpare();
                return slot;
            }
            if (flights.hedge[slot] == lane) {
                mirrors.counts().wonHedges.incrementAndGet();
            }
            int other = otherLane(slot, lane);
            if (other != Flights.NOBODY) {
                flights.client[other] = Flights.NOBODY;
            }
            flights.lane[slot] = Flights.NOBODY;
            flights.hedge[slot] = Flights.NOBODY;
            return slot;
        } finally {
            lock.unlock();
        }
    }

    private int otherLane(int slot, int lane) {
        return flights.lane[slot] == lane ? flights.hedge[slot] : flights.lane[slot];
    }

    /// A leg let go of a lane.
    void laneLost(int lane) {
        lock.lock();
        try {
            int slot = flights.client[lane];
            flights.freeLane(lane);
            if (slot == Flights.NOBODY) {
                flights.freeSpare();
                return;
            }
            int other = otherLane(slot, lane);
            flights.lane[slot] = other;
            flights.hedge[slot] = Flights.NOBODY;
            if (other == Flights.NOBODY) {
                waiting.add(slot);
                tryAgain();
            } else {
                flights.freeSpare();
            }
        } finally {
            lock.unlock();
        }
    }

    /// A leg's data was not what was written.
    void refused(int slot, MirrorLink link) {
        lock.lock();
        try {
            flights.refused[slot] |= 1 << legOf(link);
            mirrors.counts().refusedReads.incrementAndGet();
            waiting.add(slot);
            long from = flights.offset[slot];
            long length = flights.length(slot);
            if (++flights.refusals[slot] < MAX_REFUSALS) {
                if (flights.refused[slot] == BOTH && state.connected() == BOTH) {
                    // Each may have what the other lacks: page by page it can be told.
                    copies.noteSuspect(from, length);
                }
                tryAgain();
                return;
            }
            int away = BOTH & ~flights.refused[slot] & ~copies.lacking(from, length);
            if (away != 0 && state.leg(away - 1).reach() == Reach.BROKEN) {
                // The other copy may be good, and its lender may come back.
                return;
            }
        } finally {
            lock.unlock();
        }
        answers.stopped(new DeviceStop(Answers.PAGE_LOST, "no copy of a page is what was written"));
    }

    /// A leg's data was what was written, after another's had been refused: it repairs the other.
    ///
    /// @param refused the legs, a bit each, that were refused
    void accepted(int refused, long from, long length, MirrorLink link) {
        lock.lock();
        try {
            int bad = refused & ~(1 << legOf(link));
            if (bad != 0) {
                LOG.log(System.Logger.Level.WARNING, "extent {0} had a bad copy", extent);
                copies.noteMissed(bad, from, length);
                mirrors.wake();
            }
        } finally {
            lock.unlock();
        }
    }

    private int legOf(MirrorLink link) {
        return ways[0].link() == link ? 0 : 1;
    }

    /// A leg answered a write.
    ///
    /// @return whether the write is done now
    boolean written(int slot, MirrorLink link) {
        lock.lock();
        try {
            int leg = legOf(link);
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
            int leg = legOf(link);
            flights.pending[slot] &= ~(1 << leg);
            if (state.leg(leg).standing() != Standing.IN_SYNC) {
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
        if (!state.isAcknowledged(flights.acked[slot])) {
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
                to = ways;
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

    /// Asks the other leg for what a lane has waited for too long; for the keeper.
    void hedge(int lane, long now) {
        MirrorWay[] both = ways;
        long delay = MirrorPace.hedgeAfter(both[0].link().latencies(), both[1].link().latencies());
        MirrorWay to;
        int second;
        lock.lock();
        try {
            int slot = flights.client[lane];
            if (flights.owner[lane] != this
                    || slot == Flights.NOBODY
                    || now - flights.sentAt[lane] < delay
                    || flights.hedge[slot] != Flights.NOBODY) {
                return;
            }
            long from = flights.offset[slot];
            long length = flights.length(slot);
            // Never a leg whose copy was refused: it would only be refused again.
            int other = BOTH & ~flights.pending[lane] & ~flights.refused[slot];
            if ((readable & other & ~copies.lacking(from, length)) == 0 || !flights.takeSpare()) {
                return;
            }
            if (!mirrors.hedges().mayHedge()) {
                flights.freeSpare();
                return;
            }
            second = flights.takeLane(length);
            enterLane(second, slot, from, other - 1);
            flights.hedge[slot] = second;
            to = ways[other - 1];
        } finally {
            lock.unlock();
        }
        to.send(second, flights.offset[second]);
    }

    /// Chooses the faster leg, and reads from the other for nobody but to know how fast it is; for
    /// the keeper.
    void review() {
        MirrorWay to;
        int lane;
        long at;
        lock.lock();
        try {
            if (readable != BOTH || lastLength == 0) {
                return;
            }
            int now = preferred;
            MirrorLink mine = ways[now].link();
            MirrorLink other = ways[1 - now].link();
            if (other.latencies().median() > 0
                    && other.latencies().median() < mine.latencies().median() / 2) {
                preferred = 1 - now;
            }
            mirrors.compare(mine, other);
            if (!flights.takeSpare()) {
                return;
            }
            int probed = 1 - preferred;
            lane = flights.takeLane(lastLength);
            at = lastOffset;
            enterLane(lane, Flights.NOBODY, at, probed);
            to = ways[probed];
        } finally {
            lock.unlock();
        }
        to.send(lane, at);
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
                boolean otherLives = (readable & ~(1 << leg)) != 0;
                long silent = now - ways[leg].link().heardAt();
                if (owes && otherLives && MirrorPace.isLate(waited, silent)) {
                    late |= 1 << leg;
                }
            }
        } finally {
            lock.unlock();
        }
        for (int leg = 0; leg < 2; leg++) {
            if ((late >>> leg & 1) != 0 && ways[leg].link().cut()) {
                LOG.log(System.Logger.Level.INFO, "extent {0} cut its silent leg {1}", extent, leg);
            }
        }
    }

    /// Something happened to a leg.
    void on(Event event) {
        lock.lock();
        try {
            apply(event);
        } finally {
            lock.unlock();
        }
    }

    /// A leg's connection has begun.
    ///
    /// @param isNew whether it was not known of when this extent was made
    void connected(MirrorLink link, Leg leg, long base, boolean isNew) {
        lock.lock();
        try {
            int index = find(link);
            if (index >= 0) {
                setWay(index, ways[index].over(leg, base));
                if (isNew) {
                    apply(new Event.Back(index));
                }
            }
        } finally {
            lock.unlock();
        }
    }

    private void setWay(int index, MirrorWay way) {
        MirrorWay[] next = ways.clone();
        next[index] = way;
        ways = next;
    }

    private int find(MirrorLink link) {
        if (ways[0].link() == link) {
            return 0;
        }
        return ways[1].link() == link ? 1 : -1;
    }

    void broke(MirrorLink link) {
        lock.lock();
        try {
            int index = find(link);
            // What ends with the device is not the legs' fault and must not be recorded.
            if (index >= 0 && !mirrors.isClosed()) {
                apply(new Event.Broke(index));
            }
        } finally {
            lock.unlock();
        }
    }

    void gone(MirrorLink link, String detail) {
        boolean lost;
        lock.lock();
        try {
            int index = find(link);
            lost = index >= 0 && apply(new Event.Gone(index, copies.isWhole(1 - index)));
        } finally {
            lock.unlock();
        }
        if (lost && !mirrors.isClosed()) {
            answers.stopped(new DeviceStop(REGION_GONE, "extent " + extent + ": " + detail));
        }
    }

    /// Carries out what the state says; the caller holds the lock.
    ///
    /// @return whether the last copy is lost
    private boolean apply(Event event) {
        boolean lost = false;
        MirrorState before = state;
        MirrorState.Step step = state.on(event);
        state = step.next();
        for (Action action : step.actions()) {
            switch (action) {
                case Action.Journal(Standing first, Standing second) -> {
                    mirrors.section().record(extent, first, second);
                    LOG.log(
                            System.Logger.Level.DEBUG,
                            "extent {0} is {1}, {2}",
                            extent,
                            first,
                            second);
                    lost |= apply(new Event.Recorded());
                }
                case Action.LacksAll(int leg) -> copies.noteEmpty(leg);
                case Action.Lost(int leg) -> lost = true;
            }
        }
        readable = state.readable();
        writable = state.writable();
        if (!state.equals(before)) {
            mirrors.changed();
        }
        tryAgain();
        return lost;
    }

    /// Which leg has this name, or -1.
    int legNamed(String exportName) {
        MirrorWay[] both = ways;
        if (both[0].exportName().equals(exportName)) {
            return 0;
        }
        return both[1].exportName().equals(exportName) ? 1 : -1;
    }

    /// Whether the extent can do without a leg.
    boolean canSpare(int leg) {
        lock.lock();
        try {
            return state.leg(1 - leg).standing() == Standing.IN_SYNC && copies.isWhole(1 - leg);
        } finally {
            lock.unlock();
        }
    }

    /// Gives up a leg, if the extent can do without.
    boolean giveUp(int leg) {
        lock.lock();
        try {
            if (!canSpare(leg)) {
                return false;
            }
            apply(new Event.Gone(leg, true));
            return true;
        } finally {
            lock.unlock();
        }
    }

    /// Puts an empty region in the place of a leg that was given up and whose connection tells nothing
    /// more.
    void replace(int leg, MirrorWay way) {
        lock.lock();
        try {
            setWay(leg, way);
            for (int slot = writing.next(0); slot >= 0; slot = writing.next(slot + 1)) {
                // What the lost region took is lost with it.
                flights.acked[slot] &= ~(1 << leg);
                copies.noteMissed(1 << leg, flights.offset[slot], flights.length(slot));
            }
            apply(new Event.Replaced(leg));
            mirrors.section().identify(extent, leg, way.exportName());
        } finally {
            lock.unlock();
        }
    }

    /// Adds the legs that are not whole.
    void report(List<LegReport> reports) {
        lock.lock();
        try {
            for (int leg = 0; leg < 2; leg++) {
                LegState now = state.leg(leg);
                boolean gone = now.reach() == Reach.GONE;
                long missing = gone ? FabricLimits.REGION.bytes() : copies.missingBytes(leg);
                if (now.standing() != Standing.IN_SYNC
                        || now.reach() != Reach.CONNECTED
                        || missing != 0) {
                    reports.add(
                            new LegReport(
                                    extent,
                                    ways[leg].exportName(),
                                    LegReport.Reach.valueOf(now.reach().name()),
                                    now.standing() == Standing.RESYNC,
                                    missing));
                }
            }
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
                if (readable != 0) {
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
