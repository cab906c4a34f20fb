package io.memfabric.agent.lending.rdma;

import io.memfabric.agent.lending.RegionConnection;
import io.memfabric.agent.lending.RegionGate;
import io.memfabric.agent.rdma.QueuePair;
import io.memfabric.agent.rdma.QueuePair.Access;
import io.memfabric.agent.rdma.RdmaException;
import io.memfabric.agent.rdma.RdmaListener;
import io.memfabric.contract.region.RdmaHello;
import io.memfabric.contract.region.RdmaWelcome;
import io.memfabric.contract.region.RegionSetName;
import java.lang.System.Logger.Level;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/// One borrower's connection: who it is, then nothing but watching over it, all in one thread.
///
/// The regions' memory is registered on this connection alone, and the gate is told that it has left
/// only when the queue pair and the registrations are known to be gone.
final class RdmaRegionConnection implements RegionConnection {

    private static final System.Logger LOG = System.getLogger(RdmaRegionConnection.class.getName());
    private static final Duration HANDSHAKE = Duration.ofSeconds(5);

    /// How often a borrower that asks nothing is asked whether it is there. One whose host lost power
    /// says no goodbye.
    private static final Duration SIGN_OF_LIFE = Duration.ofSeconds(15);

    private static final int SLOTS = 1;

    private final RdmaListener.Request request;
    private final RegionGate gate;
    private final ProbePage probe;
    private final String peer;
    private final CountDownLatch ended = new CountDownLatch(1);
    private volatile @Nullable QueuePair pair;
    private volatile boolean cut;
    private @Nullable RegionSetName entered;

    RdmaRegionConnection(RdmaListener.Request request, RegionGate gate, ProbePage probe) {
        this.request = request;
        this.gate = gate;
        this.probe = probe;
        peer = request.peer();
    }

    void run() {
        try {
            QueuePair accepted = request.accept(SLOTS, HANDSHAKE);
            pair = accepted;
            if (cut) {
                accepted.stop();
            }
            if (welcome(accepted)) {
                watch(accepted);
            }
        } catch (RdmaException e) {
            LOG.log(
                    e.code().equals(RdmaException.ENDED) ? Level.DEBUG : Level.INFO,
                    "a borrower at {0}, over RDMA: {1}",
                    peer,
                    e.getMessage());
        } finally {
            leave();
            ended.countDown();
        }
    }

    /// Learns which regions are wanted and answers where they are.
    ///
    /// @return whether the borrower was let in
    private boolean welcome(QueuePair accepted) throws RdmaException {
        RdmaWelcome answer = answer(accepted, accepted.receive(HANDSHAKE));
        accepted.send(answer.encode(), HANDSHAKE);
        if (answer instanceof RdmaWelcome.Refused refused) {
            LOG.log(
                    Level.INFO,
                    "a borrower at {0} was not let in over RDMA: {1}",
                    peer,
                    refused.detail());
            return false;
        }
        return true;
    }

    private RdmaWelcome answer(QueuePair accepted, byte[] message) {
        try {
            RdmaHello hello = RdmaHello.decode(message);
            return hello.name().equals(RdmaHello.PROBE)
                    ? new RdmaWelcome.Entered(List.of(probe(accepted)))
                    : enter(accepted, RegionSetName.parse(hello.name()), hello.sole());
        } catch (IllegalArgumentException e) {
            return new RdmaWelcome.Refused(
                    RdmaWelcome.Reason.MALFORMED, String.valueOf(e.getMessage()));
        } catch (RdmaException e) {
            LOG.log(Level.WARNING, "regions cannot be lent over RDMA: {0}", e.getMessage());
            return new RdmaWelcome.Refused(
                    RdmaWelcome.Reason.UNAVAILABLE, String.valueOf(e.getMessage()));
        }
    }

    private RdmaWelcome.Place probe(QueuePair accepted) throws RdmaException {
        return place(accepted.register(probe.address(), ProbePage.BYTES, Access.PEER_READ));
    }

    private RdmaWelcome enter(QueuePair accepted, RegionSetName name, boolean sole)
            throws RdmaException {
        if (name.regions().size() > RdmaWelcome.MAX_REGIONS) {
            throw new IllegalArgumentException(name.regions().size() + " regions at once");
        }
        if (!gate.admits(name)) {
            return unknown();
        }
        List<ByteBuffer> memory = gate.enter(name, sole, this);
        if (memory.isEmpty()) {
            return unknown();
        }
        entered = name;
        List<RdmaWelcome.Place> places = new ArrayList<>(memory.size());
        for (ByteBuffer region : memory) {
            places.add(
                    place(
                            accepted.register(
                                    MemorySegment.ofBuffer(region).address(),
                                    region.capacity(),
                                    Access.PEER)));
        }
        return new RdmaWelcome.Entered(places);
    }

    private static RdmaWelcome unknown() {
        return new RdmaWelcome.Refused(
                RdmaWelcome.Reason.UNKNOWN, "no such claim, or too many connections to it");
    }

    private static RdmaWelcome.Place place(QueuePair.Registration made) {
        return new RdmaWelcome.Place(made.address(), made.remoteKey(), made.length());
    }

    private void watch(QueuePair accepted) throws RdmaException {
        boolean asked = false;
        while (!accepted.hasEnded()) {
            int count = accepted.await(Duration.ZERO, SIGN_OF_LIFE);
            for (int i = 0; i < count; i++) {
                if (accepted.status(i) != 0) {
                    return;
                }
                if (accepted.slot(i) == QueuePair.FOREIGN) {
                    LOG.log(Level.INFO, "a borrower at {0} sent a second message", peer);
                    return;
                }
                asked = false;
            }
            if (count == 0 && !asked && !accepted.hasEnded()) {
                accepted.write(0, 0, 0, 0, 0, 0);
                asked = true;
            }
        }
    }

    /// Ends it for certain, then tells the gate. Where the end is not certain the gate is never told:
    /// memory that a device may still write must not be anybody else's.
    private void leave() {
        QueuePair had = pair;
        RegionSetName name = entered;
        try {
            if (had != null) {
                had.close();
            }
        } catch (RdmaException e) {
            LOG.log(
                    Level.ERROR,
                    "{0}: {1} stays taken until this agent is restarted",
                    e.getMessage(),
                    name == null ? "a page" : name);
            return;
        }
        if (name != null) {
            gate.leave(name, this);
        }
    }

    @Override
    public void cut() {
        cut = true;
        QueuePair there = pair;
        if (there != null) {
            there.stop();
        }
    }

    void awaitEnd() throws InterruptedException {
        ended.await();
    }
}
