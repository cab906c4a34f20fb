package io.memfabric.agent.borrowing;

import io.memfabric.contract.region.ExportName;
import io.memfabric.contract.region.RegionSetName;
import io.memfabric.contract.vocabulary.FabricLimits;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// The connection to the regions of several extents' legs at one lender, and the thread that makes
/// the next one when it ends. All legs on it break and come back together; each is lost alone.
///
/// A lender that refuses the whole group is asked for each region: one that it does not know any
/// more must not take the others with it.
final class MirrorLink implements Answers, Leg.Breaks {

    private static final System.Logger LOG = System.getLogger(MirrorLink.class.getName());
    private static final int FIRST_PAUSE_MILLIS = 5;
    private static final int LONGEST_PAUSE_MILLIS = 1_000;

    /// How long a lender that was left for its slowness is left alone, at first and at most.
    private static final long FIRST_PENALTY = TimeUnit.SECONDS.toNanos(10);

    private static final long LONGEST_PENALTY = TimeUnit.MINUTES.toNanos(5);

    /// One leg: whose, and where its pages lie.
    record Member(int extent, ExportName region) {}

    private final Mirrors mirrors;
    private final LegGroup group;
    private final Latencies latencies = new Latencies();
    private final CountDownLatch tried = new CountDownLatch(1);
    private final Semaphore broken = new Semaphore(0);
    private final Thread thread;

    /// The legs that are to be reached; guarded by this object where it changes.
    private volatile List<Member> members;

    /// The legs that are lost and could not be told of yet.
    private final List<Member> lostEarly = new ArrayList<>();

    private boolean begun;
    private Leg.@Nullable Connected ready;
    private List<Member> onConnection = List.of();
    private volatile @Nullable Leg leg;
    private volatile boolean cut;
    private volatile @Nullable BorrowingException failure;
    private volatile long heardAt = System.nanoTime();
    private volatile boolean closed;
    private volatile long notBefore = System.nanoTime();
    private long penalty = FIRST_PENALTY;

    /// Since when it is much slower than its peers, or 0; for the keeper.
    long slowSince;

    MirrorLink(Mirrors mirrors, LegGroup group, List<Member> members) {
        this.mirrors = mirrors;
        this.group = group;
        this.members = List.copyOf(members);
        thread = Thread.ofVirtual().name("mirror-" + group.address()).unstarted(this::run);
    }

    /// Begins to connect, or to watch over the connection that there is.
    void open() {
        thread.start();
    }

    /// Waits for the first try's end, so long.
    void awaitFirstTry(long nanos) {
        try {
            var _ = tried.await(nanos, TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// Why the last try failed, where no connection is there.
    synchronized @Nullable BorrowingException obstacle() {
        return ready == null && leg == null ? failure : null;
    }

    synchronized boolean isReady() {
        return ready != null;
    }

    private void run() {
        int pause = FIRST_PAUSE_MILLIS;
        try {
            if (leg != null) {
                broken.acquire();
                down();
            }
            while (!closed) {
                Leg.Connected fresh = connect(pause);
                if (fresh == null) {
                    return;
                }
                long since = heardAt;
                connected(fresh);
                broken.acquire();
                down();
                pause = heardAt == since ? longer(pause) : FIRST_PAUSE_MILLIS;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (RuntimeException | Error e) {
            // Legs would be away for ever: better a device that is seen to have stopped.
            mirrors.answers().stopped(new DeviceStop("internal_error", group.address() + ": " + e));
            throw e;
        } finally {
            tried.countDown();
        }
    }

    private static int longer(int pause) {
        return Math.min(2 * pause, LONGEST_PAUSE_MILLIS);
    }

    /// Connects to all members that are not lost, however long it takes.
    ///
    /// @return nothing where there is nobody left to connect to
    private Leg.@Nullable Connected connect(int firstPause) throws InterruptedException {
        int pause = firstPause;
        while (!closed) {
            TimeUnit.NANOSECONDS.sleep(notBefore - System.nanoTime());
            List<Member> wanted = members;
            if (wanted.isEmpty()) {
                return null;
            }
            try {
                Leg.Connected fresh = mirrors.legs().connect(groupOf(wanted));
                onConnection = wanted;
                return fresh;
            } catch (BorrowingException e) {
                failure = e;
                LOG.log(System.Logger.Level.DEBUG, "{0}: {1}", group.address(), e.getMessage());
                boolean changed = e.code().equals(Leg.REFUSED) && sortOut(wanted, e);
                tried.countDown();
                if (!changed) {
                    TimeUnit.MILLISECONDS.sleep(pause);
                    pause = longer(pause);
                }
            }
        }
        return null;
    }

    private LegGroup groupOf(List<Member> some) {
        return new LegGroup(
                group.lenderId(),
                group.address(),
                group.rdmaAddress(),
                new RegionSetName(some.stream().map(Member::region).toList()));
    }

    /// Finds out which of the regions the lender does not know.
    ///
    /// @return whether any
    private boolean sortOut(List<Member> wanted, BorrowingException refusal) {
        if (wanted.size() == 1) {
            lose(wanted.getFirst(), refusal);
            return true;
        }
        boolean any = false;
        for (Member member : wanted) {
            try {
                mirrors.legs().connect(groupOf(List.of(member))).close();
            } catch (BorrowingException e) {
                if (!e.code().equals(Leg.REFUSED)) {
                    return any;
                }
                lose(member, e);
                any = true;
            }
        }
        return any;
    }

    private void lose(Member member, BorrowingException refusal) {
        LOG.log(
                System.Logger.Level.WARNING,
                "extent {0} lost its copy at {1}: {2}",
                member.extent(),
                group.address(),
                refusal.getMessage());
        synchronized (this) {
            if (!members.contains(member)) {
                return;
            }
            members = members.stream().filter(other -> !other.equals(member)).toList();
            if (!begun) {
                lostEarly.add(member);
                return;
            }
        }
        mirrors.extent(member.extent()).legs().gone(this, String.valueOf(refusal.getMessage()));
    }

    private synchronized void connected(Leg.Connected fresh) {
        failure = null;
        if (closed) {
            fresh.close();
        } else if (begun) {
            start(fresh, false);
        } else {
            ready = fresh;
        }
        tried.countDown();
    }

    /// The device begins: the first connection becomes the legs', if it is there.
    ///
    /// @param wasReady whether it was there when the extents were told
    synchronized void begin(boolean wasReady) {
        begun = true;
        Leg.Connected fresh = ready;
        ready = null;
        if (fresh != null) {
            start(fresh, wasReady);
        }
    }

    /// The device has begun: tells what is lost.
    void tellOfLost() {
        for (Member member : lostEarly) {
            mirrors.extent(member.extent())
                    .legs()
                    .gone(this, "the lender does not know the region");
        }
    }

    private void start(Leg.Connected fresh, boolean known) {
        heardAt = System.nanoTime();
        latencies.clear();
        Leg started = fresh.start(mirrors.flights().requests, this, this);
        leg = started;
        cut = false;
        for (int i = 0; i < onConnection.size(); i++) {
            Member member = onConnection.get(i);
            if (members.contains(member)) {
                long base = i * FabricLimits.REGION.bytes();
                mirrors.extent(member.extent()).legs().connected(this, started, base, !known);
            }
        }
    }

    /// Begins with a connection to all members; the device has begun.
    synchronized void beginWith(Leg.Connected fresh) {
        begun = true;
        onConnection = members;
        leg = fresh.start(mirrors.flights().requests, this, this);
        tried.countDown();
    }

    private void down() {
        Leg ended = leg;
        tellBroken();
        if (ended != null) {
            ended.close();
        }
    }

    @Override
    public void broke() {
        tellBroken();
        broken.release();
    }

    private void tellBroken() {
        for (Member member : members) {
            mirrors.extent(member.extent()).legs().broke(this);
        }
    }

    /// These extents' legs are elsewhere from now on: when this answers, nothing is told of them any
    /// more.
    void leave(List<Integer> extents) {
        Leg there;
        synchronized (this) {
            members = members.stream().filter(m -> !extents.contains(m.extent())).toList();
            there = leg;
        }
        if (there != null) {
            there.close();
        }
    }

    UUID lenderId() {
        return group.lenderId();
    }

    /// Whether no leg is left that could be reached here.
    boolean isDeserted() {
        return members.isEmpty();
    }

    Leg connection() {
        Leg there = leg;
        if (there == null) {
            throw new IllegalStateException("not connected");
        }
        return there;
    }

    /// The lender answered something.
    void heard(long now) {
        heardAt = now;
    }

    Latencies latencies() {
        return latencies;
    }

    /// When the lender last answered something.
    long heardAt() {
        return heardAt;
    }

    /// Ends the connection.
    ///
    /// @return false where there is none, or that was done already
    boolean cut() {
        Leg there = leg;
        if (there == null || cut) {
            return false;
        }
        cut = true;
        there.cut();
        return true;
    }

    /// Leaves a lender that is there and holds everybody up, for a while that gets longer each time.
    void demote() {
        notBefore = System.nanoTime() + penalty;
        penalty = Math.min(2 * penalty, LONGEST_PENALTY);
        if (cut()) {
            LOG.log(System.Logger.Level.WARNING, "{0} is too slow and is left", group.address());
        }
    }

    void close() {
        closed = true;
        thread.interrupt();
        Leg.Connected unused;
        Leg there;
        synchronized (this) {
            unused = ready;
            ready = null;
            there = leg;
        }
        if (unused != null) {
            unused.close();
        }
        if (there != null) {
            there.close();
        }
    }

    @Override
    public Sink sink() {
        return new LinkSink(mirrors, this, mirrors.answers().sink());
    }

    @Override
    public void abandoned(int slot) {
        if (slot >= Flights.CHUNKS) {
            mirrors.chunk(slot).failed();
        } else if (slot >= Flights.LANES) {
            mirrors.flights().ownerOf(slot).reads().laneLost(slot);
        } else {
            mirrors.flights().ownerOf(slot).writeLost(slot, this);
        }
    }

    @Override
    public void stopped(DeviceStop reason) {
        mirrors.answers().stopped(reason);
    }
}
