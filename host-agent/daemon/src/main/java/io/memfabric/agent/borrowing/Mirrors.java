package io.memfabric.agent.borrowing;

import io.memfabric.contract.agent.DropLegs;
import io.memfabric.contract.agent.ExtentPlan;
import io.memfabric.contract.agent.LegPlan;
import io.memfabric.contract.agent.LegReplacement;
import io.memfabric.contract.agent.LegReport;
import io.memfabric.contract.region.ExportName;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// A device of extents with two legs each, and what they share: connections, slots, the memory for
/// copying, and the keeper.
final class Mirrors implements BlockDevice.Ready {

    /// What a grant's mirrors are made with.
    ///
    /// @param section what is recorded of them, adopted
    /// @param changed told whenever a leg's state changes, within locks
    record Parts(
            Leg.Transport legs,
            MirrorSection section,
            PageCopies known,
            MirrorPace pace,
            Runnable changed) {}

    /// One for all grants. It only closes connections, which never waits.
    private static final ScheduledExecutorService DEADLINES =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().daemon().name("mirror-deadlines").factory());

    private static final int ROUND_MILLIS = 50;
    private static final int COPIES = 2;

    private final Parts parts;
    private final MirrorCounts counts = new MirrorCounts();
    private final HedgeBudget hedges = new HedgeBudget(counts);
    private final List<MirrorLink> links = new CopyOnWriteArrayList<>();

    /// For each leg its link and name, extent by extent.
    private final List<MirrorWay> planned = new ArrayList<>();

    private final SlowLenders slow = new SlowLenders();

    private volatile @Nullable Running running;
    private volatile boolean closed;

    /// What there is from the start of the device on.
    private record Running(
            Flights flights, Answers answers, List<Chunk> chunks, MirrorKeeper keeper) {}

    private volatile List<Mirrored> extents = List.of();
    private @Nullable ScheduledFuture<?> deadlines;

    Mirrors(Parts parts, List<ExtentPlan> plan, LegLayout layout) {
        this.parts = parts;
        List<LegPlan> legs = plan.stream().flatMap(extent -> extent.legs().stream()).toList();
        List<MirrorLink> made = linksOf(layout, i -> i / COPIES);
        for (int i = 0; i < legs.size(); i++) {
            MirrorLink link = made.get(layout.places().get(i).group());
            planned.add(new MirrorWay(legs.get(i).exportName(), link, null, 0));
        }
        links.addAll(made);
    }

    private List<MirrorLink> linksOf(LegLayout layout, java.util.function.IntUnaryOperator extent) {
        List<List<MirrorLink.Member>> members = new ArrayList<>();
        layout.groups().forEach(_ -> members.add(new ArrayList<>()));
        for (int i = 0; i < layout.places().size(); i++) {
            int group = layout.places().get(i).group();
            int index = members.get(group).size();
            ExportName region = layout.groups().get(group).regions().regions().get(index);
            members.get(group).add(new MirrorLink.Member(extent.applyAsInt(i), region));
        }
        List<MirrorLink> made = new ArrayList<>();
        for (int i = 0; i < members.size(); i++) {
            made.add(new MirrorLink(this, layout.groups().get(i), members.get(i)));
        }
        return made;
    }

    /// Begins to connect, to all lenders at once, and waits until each was tried, so long.
    void connect(long nanos) {
        links.forEach(MirrorLink::open);
        long end = System.nanoTime() + nanos;
        links.forEach(link -> link.awaitFirstTry(Math.max(0, end - System.nanoTime())));
    }

    /// @throws BorrowingException where a lender was not reached
    void requireAll() throws BorrowingException {
        for (MirrorLink link : links) {
            BorrowingException obstacle = link.obstacle();
            if (obstacle != null) {
                throw obstacle;
            }
        }
    }

    @Override
    public long sizeBytes() {
        return planned.size() / COPIES * RemoteDisk.EXTENT;
    }

    @Override
    public BlockDevice start(Requests requests, Answers answers) {
        List<Chunk> chunks = new ArrayList<>(Flights.CHUNK_COUNT);
        for (int i = 0; i < Flights.CHUNK_COUNT; i++) {
            chunks.add(new Chunk(this, requests, Flights.CHUNKS + i));
        }
        Flights flights = new Flights(requests);
        MirrorKeeper keeper = new MirrorKeeper(this, flights, chunks, answers);
        running = new Running(flights, answers, chunks, keeper);
        Set<MirrorLink> ready = new HashSet<>(links);
        ready.removeIf(link -> !link.isReady());
        List<Mirrored> made = new ArrayList<>();
        for (int i = 0; i < planned.size(); i += COPIES) {
            MirrorWay first = planned.get(i);
            MirrorWay second = planned.get(i + 1);
            int up =
                    (ready.contains(first.link()) ? 1 : 0)
                            | (ready.contains(second.link()) ? 2 : 0);
            made.add(new Mirrored(this, i / COPIES, first, second, up));
        }
        extents = List.copyOf(made);
        links.forEach(link -> link.begin(ready.contains(link)));
        extents.forEach(Mirrored::begin);
        links.forEach(MirrorLink::tellOfLost);
        keeper.start();
        deadlines =
                DEADLINES.scheduleWithFixedDelay(
                        () -> cutLate(flights), ROUND_MILLIS, ROUND_MILLIS, TimeUnit.MILLISECONDS);
        return new MirroredDisk(this, requests);
    }

    private static void cutLate(Flights flights) {
        long now = System.nanoTime();
        for (int slot = 0; slot < Requests.ALL; slot++) {
            Mirrored owner = flights.owner[slot];
            if (owner != null && MirrorPace.mayBeLate(now - flights.sentAt[slot])) {
                owner.cutLate(slot, now);
            }
        }
    }

    private Running running() {
        Running begun = running;
        if (begun == null) {
            throw new IllegalStateException("the device was not started");
        }
        return begun;
    }

    /// Puts new legs in the place of others: all, or none where one cannot be reached or is not to be
    /// spared.
    void exchange(List<LegReplacement> replacements) throws BorrowingException {
        if (running == null) {
            throw new BorrowingException("grant_not_open", "the device has not begun", null);
        }
        List<LegReplacement> exchanges = new ArrayList<>();
        List<Integer> indices = new ArrayList<>();
        for (LegReplacement exchange : replacements) {
            if (!isInPlace(exchange)) {
                indices.add(replaceable(exchange));
                exchanges.add(exchange);
            }
        }
        List<LegPlan> legs = exchanges.stream().map(LegReplacement::leg).toList();
        LegLayout layout = LegLayout.ofLegs(legs, 1);
        List<Leg.Connected> fresh = connectAll(layout);
        try {
            for (int i = 0; i < exchanges.size(); i++) {
                int extent = exchanges.get(i).extent();
                refuseNeeded(extent, extent(extent).legs().giveUp(indices.get(i)));
            }
        } catch (BorrowingException e) {
            fresh.forEach(Leg.Connected::close);
            throw e;
        }
        List<Integer> moved = exchanges.stream().map(LegReplacement::extent).toList();
        for (int i = 0; i < exchanges.size(); i++) {
            MirrorLink left = extent(moved.get(i)).legs().ways()[indices.get(i)].link();
            left.leave(List.of(moved.get(i)));
        }
        List<MirrorLink> made = linksOf(layout, i -> exchanges.get(i).extent());
        for (int i = 0; i < made.size(); i++) {
            made.get(i).beginWith(fresh.get(i));
        }
        for (int i = 0; i < exchanges.size(); i++) {
            LegLayout.Place place = layout.places().get(i);
            MirrorLink link = made.get(place.group());
            extent(moved.get(i))
                    .replace(
                            indices.get(i),
                            new MirrorWay(
                                    legs.get(i).exportName(),
                                    link,
                                    link.connection(),
                                    place.offset()));
        }
        links.addAll(made);
        made.forEach(MirrorLink::open);
        links.removeIf(MirrorLink::isDeserted);
    }

    /// Goes on without these legs: all, or none where one is not to be spared. What is dropped already
    /// stays so.
    void drop(List<DropLegs.Dropped> legs) throws BorrowingException {
        if (running == null) {
            throw new BorrowingException("grant_not_open", "the device has not begun", null);
        }
        List<Integer> indices = new ArrayList<>();
        for (DropLegs.Dropped leg : legs) {
            int index = legNamed(leg.extent(), leg.exportName());
            MirrorLegs both = extent(leg.extent()).legs();
            refuseNeeded(
                    leg.extent(), section().isDropped(leg.extent(), index) || both.canSpare(index));
            indices.add(index);
        }
        Map<MirrorLink, List<Integer>> left = new HashMap<>();
        for (int i = 0; i < indices.size(); i++) {
            int extent = legs.get(i).extent();
            MirrorLegs both = extent(extent).legs();
            refuseNeeded(extent, both.drop(indices.get(i)));
            left.computeIfAbsent(both.ways()[indices.get(i)].link(), _ -> new ArrayList<>())
                    .add(extent);
        }
        left.forEach(MirrorLink::leave);
        links.removeIf(MirrorLink::isDeserted);
    }

    private int legNamed(int extent, String exportName) throws BorrowingException {
        int leg = extent < extents.size() ? extent(extent).legs().legNamed(exportName) : -1;
        if (leg < 0) {
            throw new BorrowingException(
                    "leg_unknown", "extent " + extent + " has no such leg", null);
        }
        return leg;
    }

    private boolean isInPlace(LegReplacement exchange) {
        return exchange.extent() < extents.size()
                && extent(exchange.extent()).legs().legNamed(exchange.leg().exportName()) >= 0;
    }

    /// Which of the extent's legs is to be replaced.
    private int replaceable(LegReplacement exchange) throws BorrowingException {
        int leg = legNamed(exchange.extent(), exchange.lost());
        MirrorWay other = extent(exchange.extent()).legs().ways()[1 - leg];
        LegLayout.refuseOneLender(other.link().lenderId(), exchange.leg().lenderId());
        refuseNeeded(exchange.extent(), extent(exchange.extent()).legs().canSpare(leg));
        return leg;
    }

    private static void refuseNeeded(int extent, boolean canSpare) throws BorrowingException {
        if (!canSpare) {
            throw new BorrowingException(
                    "leg_needed",
                    "the other copy of extent " + extent + " does not have all its pages",
                    null);
        }
    }

    private List<Leg.Connected> connectAll(LegLayout layout) throws BorrowingException {
        List<Leg.Connected> fresh = new ArrayList<>();
        try {
            for (LegGroup group : layout.groups()) {
                fresh.add(parts.legs().connect(group));
            }
            return fresh;
        } catch (BorrowingException | RuntimeException e) {
            fresh.forEach(Leg.Connected::close);
            throw e;
        }
    }

    /// The legs that are not whole.
    List<LegReport> reports() {
        List<LegReport> reports = new ArrayList<>();
        extents.forEach(extent -> extent.legs().report(reports));
        return reports;
    }

    /// Ends the connections to lenders that have been slow for long enough; for the keeper, after it
    /// compared them.
    void leaveTheSlow() {
        slow.leave(links);
    }

    SlowLenders slow() {
        return slow;
    }

    Leg.Transport legs() {
        return parts.legs();
    }

    Flights flights() {
        return running().flights();
    }

    Answers answers() {
        return running().answers();
    }

    Chunk chunk(int slot) {
        return running().chunks().get(slot - Flights.CHUNKS);
    }

    MirrorSection section() {
        return parts.section();
    }

    PageCopies known() {
        return parts.known();
    }

    MirrorPace pace() {
        return parts.pace();
    }

    MirrorCounts counts() {
        return counts;
    }

    HedgeBudget hedges() {
        return hedges;
    }

    List<Mirrored> extents() {
        return extents;
    }

    Mirrored extent(int index) {
        return extents.get(index);
    }

    /// A leg's state changed.
    void changed() {
        parts.changed().run();
    }

    /// There is something for the keeper to do.
    void wake() {
        Running begun = running;
        if (begun != null) {
            begun.keeper().wake();
        }
    }

    boolean isClosed() {
        return closed;
    }

    /// Ends everything, begun or not.
    void close() {
        closed = true;
        Running begun = running;
        if (begun != null) {
            begun.keeper().stop();
        }
        links.forEach(MirrorLink::close);
        if (deadlines != null) {
            deadlines.cancel(false);
        }
        if (begun != null) {
            begun.keeper().close();
        }
        parts.known().close();
    }
}
