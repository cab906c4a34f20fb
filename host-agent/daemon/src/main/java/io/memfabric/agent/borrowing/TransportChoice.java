package io.memfabric.agent.borrowing;

import java.lang.System.Logger.Level;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/// Takes RDMA to lenders that offer it, and TCP where that does not work, and says so once.
public final class TransportChoice implements Leg.Transport {

    private static final System.Logger LOG = System.getLogger(TransportChoice.class.getName());

    /// How long a lender that could not be reached over RDMA is reached over TCP at once.
    private static final long LEFT_ALONE = TimeUnit.SECONDS.toNanos(60);

    private final Leg.Transport tcp;
    private final Leg.Transport rdma;
    private final boolean required;
    private final Map<UUID, Failure> failures = new ConcurrentHashMap<>();

    private record Failure(String why, long at) {}

    /// @param required whether TCP is no choice
    public TransportChoice(Leg.Transport tcp, Leg.Transport rdma, boolean required) {
        this.tcp = tcp;
        this.rdma = rdma;
        this.required = required;
    }

    @Override
    public Leg.Connected connect(LegGroup group) throws BorrowingException {
        if (group.rdmaAddress() == null && !required) {
            return tcp.connect(group);
        }
        @Nullable Failure before = failures.get(group.lenderId());
        if (before != null && !required && System.nanoTime() - before.at() < LEFT_ALONE) {
            return tcp.connect(group);
        }
        try {
            Leg.Connected connected = rdma.connect(group);
            if (failures.remove(group.lenderId()) != null) {
                LOG.log(Level.INFO, "lender {0} is reached over RDMA again", group.lenderId());
            }
            return new OverRdma(connected, group);
        } catch (BorrowingException e) {
            // A lender that knows no such claim knows none over TCP either.
            if (required || e.code().equals(Leg.REFUSED)) {
                throw e;
            }
            note(group, before, e);
            return tcp.connect(group);
        }
    }

    private void note(LegGroup group, @Nullable Failure before, BorrowingException cause) {
        String why = String.valueOf(cause.getMessage());
        failures.put(group.lenderId(), new Failure(why, System.nanoTime()));
        if (before == null || !before.why().equals(why)) {
            LOG.log(
                    Level.WARNING,
                    "lender {0} is reached over TCP, because {1}",
                    group.lenderId(),
                    why);
        }
    }

    /// A connection that, where nobody else does, is made again by whatever way is there then.
    private final class OverRdma implements Leg.Connected {

        private final Leg.Connected connected;
        private final LegGroup group;

        OverRdma(Leg.Connected connected, LegGroup group) {
            this.connected = connected;
            this.group = group;
        }

        @Override
        public Leg start(Requests requests, Answers answers) {
            return new ReconnectingLeg(TransportChoice.this, group, connected, requests, answers);
        }

        @Override
        public Leg start(Requests requests, Answers answers, Leg.Breaks breaks) {
            return connected.start(requests, answers, breaks);
        }

        @Override
        public void close() {
            connected.close();
        }
    }
}
