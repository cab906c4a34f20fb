package io.memfabric.agent.borrowing.rdma;

import io.memfabric.agent.borrowing.BorrowingException;
import io.memfabric.agent.borrowing.Leg;
import io.memfabric.agent.borrowing.LegGroup;
import io.memfabric.agent.borrowing.Requests;
import io.memfabric.agent.rdma.QueuePair;
import io.memfabric.agent.rdma.QueuePair.Access;
import io.memfabric.agent.rdma.RdmaException;
import io.memfabric.agent.rdma.Verbs;
import io.memfabric.contract.region.RdmaHello;
import io.memfabric.contract.region.RdmaWelcome;
import io.memfabric.contract.vocabulary.FabricLimits;
import java.lang.System.Logger.Level;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;

/// A connection that has entered its regions: the queue pair, where the regions are, and the memory
/// through which data goes.
final class RdmaLink {

    private static final System.Logger LOG = System.getLogger(RdmaLink.class.getName());

    /// A slot for each request and one for signs of life.
    static final int SIGN_OF_LIFE = Requests.ALL;

    /// The most zeros that are written at once.
    static final int ZERO_BYTES = 1 << 20;

    private static final int SLOTS = Requests.ALL + 1;
    private static final int PAGE = 4096;
    private static final Duration PATIENCE = Duration.ofSeconds(5);
    private static final Duration SPIN = Duration.ofNanos(200_000);

    /// Zeros for every connection of this process, which reads them only.
    private static final class Zeros {
        static final MemorySegment MEMORY = Arena.global().allocate(ZERO_BYTES, 4096);
    }

    private final LegGroup group;
    private final QueuePair pair;
    private final List<RdmaWelcome.Place> places;
    private final BounceMemory bounce;
    private final int bounceKey;
    private final int zeroKey;

    private RdmaLink(LegGroup group, QueuePair pair, List<RdmaWelcome.Place> places)
            throws RdmaException {
        this.group = group;
        this.pair = pair;
        this.places = places;
        bounce = new BounceMemory();
        try {
            bounceKey = pair.register(bounce.address(), bounce.bytes(), Access.LOCAL).localKey();
            zeroKey = pair.register(Zeros.MEMORY.address(), ZERO_BYTES, Access.SOURCE).localKey();
        } catch (RdmaException e) {
            // Of what was registered, nothing was used; the caller ends the connection.
            pair.close();
            bounce.close();
            throw e;
        }
    }

    /// Connects and enters the regions.
    ///
    /// @throws BorrowingException with [Leg#REFUSED] where the lender knows no such claim,
    ///     [Leg#UNREACHABLE] for everything that may be otherwise later
    static RdmaLink connect(Verbs verbs, LegGroup group, String address) throws BorrowingException {
        QueuePair pair = null;
        try {
            pair = verbs.connect(addressOf(address), SLOTS, PATIENCE);
            List<RdmaWelcome.Place> places =
                    enter(pair, group.regions().wire(), true, group.lenderId() + " at " + address);
            if (places.size() != group.regions().regions().size()
                    || !places.stream().allMatch(RdmaLink::isRegion)) {
                throw new BorrowingException(
                        Leg.REFUSED, "lender " + group.lenderId() + " serves something else", null);
            }
            RdmaLink link = new RdmaLink(group, pair, places);
            link.requirePages();
            return link;
        } catch (RdmaException e) {
            end(pair);
            throw new BorrowingException(
                    Leg.UNREACHABLE,
                    "lender " + group.lenderId() + " over RDMA: " + e.getMessage(),
                    e);
        } catch (BorrowingException | RuntimeException e) {
            end(pair);
            throw e;
        }
    }

    /// Reads a page before anybody counts on this way. A connection is made with small messages; where
    /// the MTU of the other side, or of a switch between, does not fit, only pages are lost.
    private void requirePages() throws RdmaException {
        long end = System.nanoTime() + PATIENCE.toNanos();
        try {
            read(SIGN_OF_LIFE, 0, 0, PAGE);
            int count = 0;
            // It may wake for a message's completion that was taken already.
            while (count == 0 && !pair.hasEnded() && System.nanoTime() - end < 0) {
                count = pair.await(SPIN, PATIENCE);
            }
            if (count == 0 || pair.status(0) != 0) {
                throw new RdmaException(
                        RdmaException.NO_ROUTE,
                        "it connects and no page comes through, "
                                + (count == 0 ? "nothing is answered" : "status " + pair.status(0))
                                + ": do the MTUs fit?");
            }
        } catch (RdmaException e) {
            close();
            throw e;
        }
    }

    /// Says what is wanted and learns where it is.
    static List<RdmaWelcome.Place> enter(QueuePair pair, String name, boolean sole, String lender)
            throws RdmaException, BorrowingException {
        pair.send(new RdmaHello(name, sole).encode(), PATIENCE);
        try {
            return switch (RdmaWelcome.decode(pair.receive(PATIENCE))) {
                case RdmaWelcome.Entered entered -> entered.places();
                case RdmaWelcome.Refused refused ->
                        throw new BorrowingException(
                                refused.reason() == RdmaWelcome.Reason.UNAVAILABLE
                                        ? Leg.UNREACHABLE
                                        : Leg.REFUSED,
                                "lender "
                                        + lender
                                        + " does not let us in over RDMA: "
                                        + refused.detail(),
                                null);
            };
        } catch (IllegalArgumentException e) {
            throw new BorrowingException(
                    Leg.UNREACHABLE, "lender " + lender + " is not ours: " + e.getMessage(), e);
        }
    }

    static InetSocketAddress addressOf(String address) {
        int colon = address.lastIndexOf(':');
        return new InetSocketAddress(
                address.substring(0, colon), Integer.parseInt(address.substring(colon + 1)));
    }

    private static boolean isRegion(RdmaWelcome.Place place) {
        return place.length() == FabricLimits.REGION.bytes();
    }

    static void end(@org.jspecify.annotations.Nullable QueuePair pair) {
        try {
            if (pair != null) {
                pair.close();
            }
        } catch (RdmaException e) {
            LOG.log(Level.WARNING, e.getMessage());
        }
    }

    QueuePair pair() {
        return pair;
    }

    BounceMemory bounce() {
        return bounce;
    }

    void read(int slot, int cell, long offset, int length) throws RdmaException {
        RdmaWelcome.Place place = placeOf(offset, length);
        pair.read(
                slot,
                bounce.addressOf(cell),
                bounceKey,
                place.address() + within(offset),
                place.key(),
                length);
    }

    void write(int slot, int cell, long offset, int length) throws RdmaException {
        RdmaWelcome.Place place = placeOf(offset, length);
        pair.write(
                slot,
                bounce.addressOf(cell),
                bounceKey,
                place.address() + within(offset),
                place.key(),
                length);
    }

    /// Writes zeros, as many as go at once.
    ///
    /// @return how many
    int zero(int slot, long offset, long length) throws RdmaException {
        long here = FabricLimits.REGION.bytes() - within(offset);
        int now = (int) Math.min(Math.min(length, here), ZERO_BYTES);
        RdmaWelcome.Place place = placeOf(offset, now);
        pair.write(
                slot,
                Zeros.MEMORY.address(),
                zeroKey,
                place.address() + within(offset),
                place.key(),
                now);
        return now;
    }

    /// Completes when everything before it has, and touches nothing.
    void writeNothing(int slot) throws RdmaException {
        pair.write(slot, 0, 0, 0, 0, 0);
    }

    private static long within(long offset) {
        return offset % FabricLimits.REGION.bytes();
    }

    private RdmaWelcome.Place placeOf(long offset, int length) {
        RdmaWelcome.Place place = places.get((int) (offset / FabricLimits.REGION.bytes()));
        if (within(offset) + length > place.length()) {
            throw new IllegalArgumentException(
                    length + " bytes at " + offset + " lie in two regions");
        }
        return place;
    }

    /// Ends the connection for certain, then gives the memory back; where the end is not certain the
    /// memory is never used again.
    void close() {
        try {
            pair.close();
            bounce.close();
        } catch (RdmaException e) {
            LOG.log(Level.ERROR, "{0}: {1}", this, e.getMessage());
        }
    }

    @Override
    public String toString() {
        return "lender " + group.lenderId() + " over RDMA, " + group.regions();
    }
}
