package io.memfabric.agent.borrowing;

import io.memfabric.agent.policy.MirrorState;
import io.memfabric.agent.policy.MirrorState.Action;
import io.memfabric.agent.policy.MirrorState.Event;
import io.memfabric.agent.policy.MirrorState.LegState;
import io.memfabric.agent.policy.MirrorState.Reach;
import io.memfabric.agent.policy.MirrorState.Standing;
import io.memfabric.contract.agent.LegReport;
import io.memfabric.contract.vocabulary.FabricLimits;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/// An extent's two legs: what they are worth, as [MirrorState] says, and where they are. All is
/// guarded by the extent's lock; what others than the extent call takes it.
final class MirrorLegs {

    private static final System.Logger LOG = System.getLogger(MirrorLegs.class.getName());
    private static final String REGION_GONE = "region_gone";

    private final Mirrored mirrored;
    private final Mirrors mirrors;
    private final ReentrantLock lock;
    private final int extent;
    private MirrorState state;
    private int readable;
    private int writable;
    private volatile MirrorWay[] ways;

    /// @param up the legs, a bit each, that are connected
    MirrorLegs(Mirrored mirrored, MirrorWay first, MirrorWay second, int up) {
        this.mirrored = mirrored;
        mirrors = mirrored.mirrors();
        lock = mirrored.lock();
        extent = mirrored.extent();
        MirrorSection section = mirrors.section();
        state =
                new MirrorState(
                        new LegState(section.standing(extent, 0), reach(section, 0, up)),
                        new LegState(section.standing(extent, 1), reach(section, 1, up)),
                        true);
        ways = new MirrorWay[] {first, second};
    }

    private Reach reach(MirrorSection section, int leg, int up) {
        if (section.isDropped(extent, leg)) {
            return Reach.GONE;
        }
        return (up >>> leg & 1) == 0 ? Reach.BROKEN : Reach.CONNECTED;
    }

    MirrorWay[] ways() {
        return ways;
    }

    /// The caller holds the lock.
    MirrorState state() {
        return state;
    }

    /// The legs, a bit each, that can be read. The caller holds the lock.
    int readable() {
        return readable;
    }

    /// The legs, a bit each, that get writes. The caller holds the lock.
    int writable() {
        return writable;
    }

    /// Which leg is reached over this link.
    int legOf(MirrorLink link) {
        return ways[0].link() == link ? 0 : 1;
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
            lost = index >= 0 && apply(new Event.Gone(index, mirrored.copies().isWhole(1 - index)));
        } finally {
            lock.unlock();
        }
        if (lost && !mirrors.isClosed()) {
            mirrors.answers()
                    .stopped(new DeviceStop(REGION_GONE, "extent " + extent + ": " + detail));
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
                case Action.LacksAll(int leg) -> mirrored.copies().noteEmpty(leg);
                case Action.Lost(int leg) -> lost = true;
            }
        }
        readable = state.readable();
        writable = state.writable();
        if (!state.equals(before)) {
            mirrors.changed();
        }
        mirrored.tryAgain();
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
            return state.leg(1 - leg).standing() == Standing.IN_SYNC
                    && mirrored.copies().isWhole(1 - leg);
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

    /// Goes on without a leg, now and in whatever process comes, if the extent can do without.
    boolean drop(int leg) {
        lock.lock();
        try {
            if (mirrors.section().isDropped(extent, leg)) {
                return true;
            }
            if (!canSpare(leg)) {
                return false;
            }
            mirrors.section().drop(extent, leg);
            apply(new Event.Gone(leg, true));
            return true;
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
                long missing =
                        gone ? FabricLimits.REGION.bytes() : mirrored.copies().missingBytes(leg);
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

    /// Takes an empty region for a leg that was given up. The caller holds the lock.
    void replace(int leg, MirrorWay way) {
        setWay(leg, way);
        apply(new Event.Replaced(leg));
        mirrors.section().identify(extent, leg, way.exportName());
    }
}
