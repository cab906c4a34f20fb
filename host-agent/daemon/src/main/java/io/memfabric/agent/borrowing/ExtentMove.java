package io.memfabric.agent.borrowing;

import io.memfabric.contract.agent.LegPlan;
import io.memfabric.contract.agent.LegReplacement;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/// Moves extents that have one leg each to other regions, all or none, while the device runs.
///
/// The pages are copied, and what was written meanwhile is copied again, until little is left. Then
/// the device stands still for a moment: nothing is under way, the rest is copied, the new plan is
/// remembered, and the extents are elsewhere. Until that plan is remembered the old regions have every
/// page, from then on the new ones do; a process that dies leaves one or the other.
final class ExtentMove {

    private static final System.Logger LOG = System.getLogger(ExtentMove.class.getName());

    /// With so many pages left, or after so many passes, the device is stopped for the rest.
    private static final int FEW = 512;

    private static final int PASSES = 5;

    /// How long a lender that has other extents of the device may be out of reach when these are
    /// connected anew, before the move is given up.
    private static final long REGROUP = TimeUnit.SECONDS.toNanos(3);

    private static final long PAUSE = TimeUnit.MILLISECONDS.toNanos(5);

    private final RemoteDisk disk;
    private final Leg.Transport transport;
    private final PageCopies known;

    /// What is left to copy, by extent; guarded by itself.
    private final Map<Integer, DirtyPages> left = new HashMap<>();

    ExtentMove(RemoteDisk disk, Leg.Transport transport, PageCopies known) {
        this.disk = disk;
        this.transport = transport;
        this.known = known;
    }

    /// Moves extents; those that are in place already stay.
    ///
    /// @param remember writes down the new plan
    void carryOut(List<LegReplacement> replacements, Runnable remember) throws BorrowingException {
        List<LegReplacement> moves = new ArrayList<>();
        for (LegReplacement replacement : replacements) {
            if (isToMove(replacement)) {
                moves.add(replacement);
            }
        }
        if (moves.isEmpty()) {
            remember.run();
            return;
        }
        List<LegPlan> plans = moves.stream().map(LegReplacement::leg).toList();
        LegLayout layout = LegLayout.ofLegs(plans, 1);
        List<RemoteDisk.Way> started = disk.start(layout, plans, connect(layout));
        Map<Integer, RemoteDisk.Way> targets = new HashMap<>();
        for (int i = 0; i < moves.size(); i++) {
            targets.put(moves.get(i).extent(), started.get(i));
        }
        boolean moved = false;
        disk.underWay().watch(this::written);
        try {
            copy(targets);
            disk.shut();
            try {
                long since = System.nanoTime();
                pass(targets);
                moved = settle(targets, remember);
                LOG.log(
                        Level.INFO,
                        "{0} extents moved; the device stood still for {1} ms",
                        moves.size(),
                        TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - since));
            } finally {
                disk.goOn();
            }
        } finally {
            disk.underWay().watch(null);
            if (!moved) {
                targets.values().stream().map(RemoteDisk.Way::leg).distinct().forEach(Leg::close);
            }
        }
    }

    private boolean isToMove(LegReplacement replacement) throws BorrowingException {
        RemoteDisk.Way[] ways = disk.ways();
        String there =
                replacement.extent() < ways.length
                        ? ways[replacement.extent()].plan().exportName()
                        : "";
        if (there.equals(replacement.leg().exportName())) {
            return false;
        }
        if (!there.equals(replacement.lost())) {
            throw new BorrowingException(
                    "leg_unknown", "extent " + replacement.extent() + " has no such leg", null);
        }
        return true;
    }

    private List<Leg.Connected> connect(LegLayout layout) throws BorrowingException {
        List<Leg.Connected> fresh = new ArrayList<>();
        try {
            for (LegGroup group : layout.groups()) {
                fresh.add(transport.connect(group));
            }
            return fresh;
        } catch (BorrowingException | RuntimeException e) {
            fresh.forEach(Leg.Connected::close);
            throw e;
        }
    }

    /// A write that is done, perhaps after its page was copied.
    private void written(long offset, long length) {
        DirtyPages pages;
        synchronized (left) {
            pages = left.get((int) (offset / RemoteDisk.EXTENT));
            if (pages != null) {
                pages.add(offset % RemoteDisk.EXTENT, length);
            }
        }
    }

    private void copy(Map<Integer, RemoteDisk.Way> targets) throws BorrowingException {
        synchronized (left) {
            for (int extent : targets.keySet()) {
                long first = (long) extent * DirtyPages.PAGES;
                DirtyPages pages = DirtyPages.none();
                pages.addAll(page -> known.mayHoldData(first + page));
                left.put(extent, pages);
            }
        }
        for (int pass = 0; pass < PASSES && count() > FEW; pass++) {
            pass(targets);
        }
    }

    private int count() {
        synchronized (left) {
            return left.values().stream().mapToInt(DirtyPages::count).sum();
        }
    }

    private void pass(Map<Integer, RemoteDisk.Way> targets) throws BorrowingException {
        List<Integer> extents = new ArrayList<>(new TreeSet<>(targets.keySet()));
        int[] at = {0, 0};
        disk.lanes().copy(() -> next(extents, at, targets));
    }

    /// The next piece of this pass: pages are taken off before they are read, so that what is written
    /// meanwhile is noted again.
    ///
    /// @param at how far the pass is: which of the extents, and which page of it
    private CopyLanes.@Nullable Piece next(
            List<Integer> extents, int[] at, Map<Integer, RemoteDisk.Way> targets) {
        synchronized (left) {
            while (at[0] < extents.size()) {
                int extent = extents.get(at[0]);
                DirtyPages pages = left.get(extent);
                RemoteDisk.Way to = targets.get(extent);
                int first = pages == null ? -1 : pages.next(at[1]);
                if (first < 0 || pages == null || to == null) {
                    at[0]++;
                    at[1] = 0;
                    continue;
                }
                int end = first + 1;
                int longest = first + CopyLanes.PIECE / DirtyPages.PAGE;
                while (end < Math.min(longest, DirtyPages.PAGES) && pages.isDirty(end)) {
                    end++;
                }
                long offset = (long) first * DirtyPages.PAGE;
                int length = (end - first) * DirtyPages.PAGE;
                pages.remove(offset, length);
                at[1] = end;
                RemoteDisk.Way from = disk.ways()[extent];
                return new CopyLanes.Piece(
                        from.leg(), from.base() + offset, to.leg(), to.base() + offset, length);
            }
            return null;
        }
    }

    /// Puts the new legs in place. Extents that stay at a lender some of whose regions go are connected
    /// anew without these, because their connection ends with the fence of those. The device stands
    /// still.
    private boolean settle(Map<Integer, RemoteDisk.Way> targets, Runnable remember)
            throws BorrowingException {
        RemoteDisk.Way[] before = disk.ways();
        Set<Leg> leaving = new HashSet<>();
        targets.keySet().forEach(extent -> leaving.add(before[extent].leg()));
        List<Integer> staying = new ArrayList<>();
        List<Integer> touched = new ArrayList<>();
        for (int extent = 0; extent < before.length; extent++) {
            if (leaving.contains(before[extent].leg())) {
                touched.add(extent);
                if (!targets.containsKey(extent)) {
                    staying.add(extent);
                }
            }
        }
        leaving.forEach(Leg::close);
        RemoteDisk.Way[] after = before.clone();
        try {
            reconnect(staying, before, after, System.nanoTime() + REGROUP);
            targets.forEach((extent, way) -> after[extent] = way);
            remember.run();
        } catch (BorrowingException | RuntimeException e) {
            staying.forEach(extent -> after[extent].leg().close());
            RemoteDisk.Way[] again = before.clone();
            reconnect(touched, before, again, Long.MAX_VALUE);
            disk.setWays(again);
            throw e;
        }
        disk.setWays(after);
        return true;
    }

    private void reconnect(
            List<Integer> extents, RemoteDisk.Way[] before, RemoteDisk.Way[] after, long until)
            throws BorrowingException {
        if (extents.isEmpty()) {
            return;
        }
        List<LegPlan> plans = extents.stream().map(extent -> before[extent].plan()).toList();
        LegLayout layout = LegLayout.ofLegs(plans, 1);
        while (true) {
            try {
                List<RemoteDisk.Way> started = disk.start(layout, plans, connect(layout));
                for (int i = 0; i < extents.size(); i++) {
                    after[extents.get(i)] = started.get(i);
                }
                return;
            } catch (BorrowingException e) {
                if (disk.isClosed() || System.nanoTime() > until) {
                    throw e;
                }
                if (e.code().equals(Leg.REFUSED)) {
                    if (until == Long.MAX_VALUE) {
                        disk.underWay()
                                .stopped(
                                        new DeviceStop(
                                                "region_gone", String.valueOf(e.getMessage())));
                    }
                    throw e;
                }
                LockSupport.parkNanos(PAUSE);
            }
        }
    }
}
