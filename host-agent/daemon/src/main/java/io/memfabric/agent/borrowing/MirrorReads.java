package io.memfabric.agent.borrowing;

import io.memfabric.agent.policy.MirrorState.Reach;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;

/// An extent's reads: each goes to the better leg, to the other one too where that takes long, and to
/// the other one where the first one's data is not what was written.
final class MirrorReads {

    private static final System.Logger LOG = System.getLogger(MirrorReads.class.getName());
    private static final int BOTH = 3;
    private static final int MAX_REFUSALS = 6;

    private final Mirrored mirrored;
    private final Mirrors mirrors;
    private final Flights flights;
    private final MirrorLegs legs;
    private final MirrorCopies copies;
    private final ReentrantLock lock;

    /// The leg that reads go to while both can be read.
    private volatile int preferred;

    /// What the last read looked like; for probes.
    private long lastOffset;

    private long lastLength;
    private final AtomicLong count = new AtomicLong();

    MirrorReads(Mirrored mirrored, MirrorLegs legs, MirrorCopies copies) {
        this.mirrored = mirrored;
        this.legs = legs;
        this.copies = copies;
        mirrors = mirrored.mirrors();
        flights = mirrors.flights();
        lock = mirrored.lock();
        preferred = mirrored.extent() % 2;
    }

    /// Grows with the reads.
    long count() {
        return count.get();
    }

    /// Begins a client's read or lets it wait; the caller holds the lock.
    ///
    /// @return the leg to send to, its bit, and above [Mirrored#LEG_BITS] the lane; 0 where it waits
    int begin(int slot) {
        long from = flights.offset[slot];
        long length = flights.length(slot);
        if (copies.isSuspect(from, length)) {
            mirrored.await(slot);
            return 0;
        }
        int has = ~copies.lacking(from, length);
        int good = legs.readable() & has;
        int untried = good & ~flights.refused[slot];
        if (untried == 0 && flights.refused[slot] != 0) {
            // Where copies can be told from one another, one that is not in sync will do.
            untried = legs.state().connected() & has & ~flights.refused[slot];
        }
        int candidates = untried != 0 ? untried : good;
        if (candidates == 0) {
            mirrored.await(slot);
            return 0;
        }
        int leg = candidates == BOTH ? preferred : candidates - 1;
        int lane = flights.takeLane(length);
        enterLane(lane, slot, from, leg);
        flights.lane[slot] = lane;
        lastOffset = from;
        lastLength = length;
        count.lazySet(count.getPlain() + 1);
        return 1 << leg | lane << Mirrored.LEG_BITS;
    }

    private void enterLane(int lane, int client, long from, int leg) {
        flights.client[lane] = client;
        flights.offset[lane] = from;
        flights.pending[lane] = 1 << leg;
        flights.sentAt[lane] = System.nanoTime();
        flights.owner[lane] = mirrored;
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
                mirrored.await(slot);
                mirrored.tryAgain();
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
            flights.refused[slot] |= 1 << legs.legOf(link);
            mirrors.counts().refusedReads.incrementAndGet();
            mirrored.await(slot);
            long from = flights.offset[slot];
            long length = flights.length(slot);
            if (++flights.refusals[slot] < MAX_REFUSALS) {
                if (flights.refused[slot] == BOTH && legs.state().connected() == BOTH) {
                    // Each may have what the other lacks: page by page it can be told.
                    copies.noteSuspect(from, length);
                }
                mirrored.tryAgain();
                return;
            }
            int away = BOTH & ~flights.refused[slot] & ~copies.lacking(from, length);
            if (away != 0 && legs.state().leg(away - 1).reach() == Reach.BROKEN) {
                // The other copy may be good, and its lender may come back.
                return;
            }
        } finally {
            lock.unlock();
        }
        mirrors.answers()
                .stopped(
                        new DeviceStop(Answers.PAGE_LOST, "no copy of a page is what was written"));
    }

    /// A leg's data was what was written, after another's had been refused: it repairs the other.
    ///
    /// @param refused the legs, a bit each, that were refused
    void accepted(int refused, long from, long length, MirrorLink link) {
        lock.lock();
        try {
            int bad = refused & ~(1 << legs.legOf(link));
            if (bad != 0) {
                LOG.log(
                        System.Logger.Level.WARNING,
                        "extent {0} had a bad copy",
                        mirrored.extent());
                copies.noteMissed(bad, from, length);
                mirrors.wake();
            }
        } finally {
            lock.unlock();
        }
    }

    /// Asks the other leg for what a lane has waited for too long; for the keeper.
    void hedge(int lane, long now) {
        MirrorWay[] both = legs.ways();
        long delay = MirrorPace.hedgeAfter(both[0].link().latencies(), both[1].link().latencies());
        MirrorWay to;
        int second;
        lock.lock();
        try {
            int slot = flights.client[lane];
            if (flights.owner[lane] != mirrored
                    || slot == Flights.NOBODY
                    || now - flights.sentAt[lane] < delay
                    || flights.hedge[slot] != Flights.NOBODY) {
                return;
            }
            long from = flights.offset[slot];
            long length = flights.length(slot);
            // Never a leg whose copy was refused: it would only be refused again.
            int other = BOTH & ~flights.pending[lane] & ~flights.refused[slot];
            if ((legs.readable() & other & ~copies.lacking(from, length)) == 0
                    || !flights.takeSpare()) {
                return;
            }
            if (!mirrors.hedges().mayHedge()) {
                flights.freeSpare();
                return;
            }
            second = flights.takeLane(length);
            enterLane(second, slot, from, other - 1);
            flights.hedge[slot] = second;
            to = legs.ways()[other - 1];
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
            if (legs.readable() != BOTH || lastLength == 0) {
                return;
            }
            int now = preferred;
            MirrorLink mine = legs.ways()[now].link();
            MirrorLink other = legs.ways()[1 - now].link();
            if (other.latencies().median() > 0
                    && other.latencies().median() < mine.latencies().median() / 2) {
                preferred = 1 - now;
            }
            mirrors.slow().compare(mine, other);
            if (!flights.takeSpare()) {
                return;
            }
            int probed = 1 - preferred;
            lane = flights.takeLane(lastLength);
            at = lastOffset;
            enterLane(lane, Flights.NOBODY, at, probed);
            to = legs.ways()[probed];
        } finally {
            lock.unlock();
        }
        to.send(lane, at);
    }
}
