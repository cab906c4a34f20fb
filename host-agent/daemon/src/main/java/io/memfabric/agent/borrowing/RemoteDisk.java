package io.memfabric.agent.borrowing;

import io.memfabric.contract.agent.LegPlan;
import io.memfabric.contract.vocabulary.FabricLimits;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.StampedLock;
import org.jspecify.annotations.Nullable;

/// A device made of extents, each of them a region that a leg reaches. No request crosses from one
/// extent to the next, see [Splitter]. Extents can move to other regions while it runs, see
/// [ExtentMove].
final class RemoteDisk implements BlockDevice {

    static final long EXTENT = FabricLimits.REGION.bytes();

    /// How long requests that are under way may take to end before a move is given up.
    private static final long QUIET = TimeUnit.SECONDS.toNanos(5);

    private final Requests requests;
    private final CopyLanes lanes;
    private final UnderWay underWay;

    /// Who sends holds it shared, from the first of a batch to its flush; who moves extents alone. It
    /// belongs to no thread: a batch that its client left is flushed by the next client's thread.
    private final StampedLock gate = new StampedLock();

    /// For each extent: its leg, and where it begins there.
    private volatile Way[] ways;

    private final Leg[] touched = new Leg[Requests.SLOTS];
    private int touchedCount;

    /// The batch's hold on the gate, or 0.
    private long batch;

    /// The mover's hold on the gate.
    private long shut;

    private volatile boolean closed;

    /// Where an extent lies.
    record Way(LegPlan plan, Leg leg, long base) {}

    private RemoteDisk(
            LegLayout layout,
            List<LegPlan> plans,
            List<? extends Leg.Connected> connected,
            Requests requests,
            Answers answers) {
        this.requests = requests;
        lanes = new CopyLanes(requests);
        underWay = new UnderWay(requests, answers, lanes);
        ways = start(layout, plans, connected).toArray(Way[]::new);
    }

    /// Begins legs to regions and answers the way to each.
    List<Way> start(
            LegLayout layout, List<LegPlan> plans, List<? extends Leg.Connected> connected) {
        List<Leg> legs = connected.stream().map(leg -> leg.start(requests, underWay)).toList();
        List<Way> started = new ArrayList<>(plans.size());
        for (int i = 0; i < plans.size(); i++) {
            LegLayout.Place place = layout.places().get(i);
            started.add(new Way(plans.get(i), legs.get(place.group()), place.offset()));
        }
        return started;
    }

    /// A device that has not begun, and then is there to have its extents moved.
    static final class Opening implements Ready {
        private final LegLayout layout;
        private final List<LegPlan> plans;
        private final List<? extends Leg.Connected> legs;
        private volatile @Nullable RemoteDisk disk;

        Opening(LegLayout layout, List<LegPlan> plans, List<? extends Leg.Connected> legs) {
            this.layout = layout;
            this.plans = plans;
            this.legs = legs;
        }

        @Override
        public long sizeBytes() {
            return plans.size() * EXTENT;
        }

        @Override
        public BlockDevice start(Requests requests, Answers answers) {
            RemoteDisk begun = new RemoteDisk(layout, plans, legs, requests, answers);
            disk = begun;
            return begun;
        }

        /// The device once it has begun.
        RemoteDisk disk() throws BorrowingException {
            RemoteDisk begun = disk;
            if (begun == null) {
                throw new BorrowingException("grant_not_open", "the device has not begun", null);
            }
            return begun;
        }
    }

    @Override
    public void submit(int slot) {
        if (batch == 0) {
            batch = gate.readLock();
        }
        long offset = requests.offset(slot);
        Way way = ways[(int) (offset / EXTENT)];
        underWay.begins(slot);
        if (way.leg().submit(slot, way.base() + offset % EXTENT)) {
            touched[touchedCount++] = way.leg();
        }
    }

    @Override
    public void flush() {
        if (batch == 0) {
            return;
        }
        try {
            for (int i = 0; i < touchedCount; i++) {
                touched[i].flush();
            }
        } finally {
            touchedCount = 0;
            long held = batch;
            batch = 0;
            gate.unlockRead(held);
        }
    }

    @Override
    public void send(int slot) {
        long held = gate.readLock();
        try {
            long offset = requests.offset(slot);
            Way way = ways[(int) (offset / EXTENT)];
            underWay.begins(slot);
            way.leg().send(slot, way.base() + offset % EXTENT);
        } finally {
            gate.unlockRead(held);
        }
    }

    Way[] ways() {
        return ways;
    }

    void setWays(Way[] next) {
        ways = next;
    }

    CopyLanes lanes() {
        return lanes;
    }

    UnderWay underWay() {
        return underWay;
    }

    boolean isClosed() {
        return closed;
    }

    /// Stops everything and waits until nothing is under way.
    ///
    /// @throws BorrowingException where that takes too long: everything goes on then
    void shut() throws BorrowingException {
        long end = System.nanoTime() + QUIET;
        try {
            shut = gate.tryWriteLock(QUIET, TimeUnit.NANOSECONDS);
            if (shut == 0) {
                throw busy();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw busy();
        }
        while (!underWay.isNone()) {
            if (System.nanoTime() > end || closed) {
                goOn();
                throw busy();
            }
            LockSupport.parkNanos(TimeUnit.MICROSECONDS.toNanos(100));
        }
    }

    private static BorrowingException busy() {
        return new BorrowingException("device_busy", "requests under way do not end", null);
    }

    void goOn() {
        gate.unlockWrite(shut);
    }

    @Override
    public void abandon() {
        for (Leg each : legs()) {
            each.abandon();
        }
    }

    @Override
    public void close() {
        closed = true;
        lanes.close();
        for (Leg each : legs()) {
            each.close();
        }
    }

    private Set<Leg> legs() {
        Set<Leg> legs = new LinkedHashSet<>();
        for (Way way : ways) {
            legs.add(way.leg());
        }
        return legs;
    }
}
