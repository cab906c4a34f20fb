package io.memfabric.agent.borrowing.rdma;

import io.memfabric.agent.borrowing.BorrowingException;
import io.memfabric.agent.borrowing.Leg;
import io.memfabric.agent.borrowing.LenderProbe;
import io.memfabric.agent.rdma.QueuePair;
import io.memfabric.agent.rdma.RdmaException;
import io.memfabric.agent.rdma.Verbs;
import io.memfabric.contract.agent.LenderPlace;
import io.memfabric.contract.region.RdmaHello;
import io.memfabric.contract.region.RdmaWelcome;
import java.lang.foreign.Arena;
import java.time.Duration;

/// Measures the way to lenders over RDMA.
public final class RdmaLenderProbe implements LenderProbe {

    private static final int PAGE = 4096;
    private static final Duration PATIENCE = Duration.ofSeconds(2);
    private static final Duration SPIN = Duration.ofNanos(200_000);

    private final Verbs verbs;

    /// @param verbs of this host
    public RdmaLenderProbe(Verbs verbs) {
        this.verbs = verbs;
    }

    @Override
    public long[] measure(LenderPlace lender, int samples) throws BorrowingException {
        String address = lender.rdmaAddress();
        if (address == null) {
            throw new BorrowingException(
                    Leg.UNREACHABLE, "lender " + lender.hostId() + " offers no RDMA", null);
        }
        QueuePair pair = null;
        try (Arena arena = Arena.ofShared()) {
            try {
                pair = verbs.connect(RdmaLink.addressOf(address), 1, PATIENCE);
                RdmaWelcome.Place page =
                        RdmaLink.enter(
                                        pair,
                                        RdmaHello.PROBE,
                                        false,
                                        lender.hostId() + " at " + address)
                                .getFirst();
                long here = arena.allocate(PAGE, PAGE).address();
                int key = pair.register(here, PAGE, QueuePair.Access.LOCAL).localKey();
                return reads(pair, here, key, page, samples);
            } finally {
                // Before the page that it reads into is gone.
                RdmaLink.end(pair);
            }
        } catch (RdmaException e) {
            throw new BorrowingException(
                    Leg.UNREACHABLE,
                    "the way to lender "
                            + lender.hostId()
                            + " cannot be measured over RDMA: "
                            + e.getMessage(),
                    e);
        }
    }

    private static long[] reads(
            QueuePair pair, long here, int key, RdmaWelcome.Place page, int samples)
            throws RdmaException {
        long[] nanos = new long[samples];
        for (int i = 0; i < samples; i++) {
            long start = System.nanoTime();
            pair.read(0, here, key, page.address(), page.key(), PAGE);
            int count = pair.await(SPIN, PATIENCE);
            nanos[i] = System.nanoTime() - start;
            if (count != 1 || pair.status(0) != 0) {
                throw new RdmaException(RdmaException.ENDED, "a read was not answered");
            }
        }
        return nanos;
    }
}
