package io.memfabric.agent.borrowing;

import io.memfabric.contract.agent.DataTransport;
import java.lang.System.Logger.Level;
import java.util.Map;
import java.util.Optional;
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
    private final Optional<Leg.Transport> rdma;
    private final boolean required;
    private final LenderWays ways;
    private final Map<UUID, Failure> failures = new ConcurrentHashMap<>();

    private record Failure(String why, long at) {}

    /// @param rdma empty where this host has none
    /// @param required whether TCP is no choice
    /// @param ways told of every connection
    public TransportChoice(
            Leg.Transport tcp, Optional<Leg.Transport> rdma, boolean required, LenderWays ways) {
        this.tcp = tcp;
        this.rdma = rdma;
        this.required = required;
        this.ways = ways;
    }

    @Override
    public Leg.Connected connect(LegGroup group) throws BorrowingException {
        if (rdma.isEmpty() || (group.rdmaAddress() == null && !required)) {
            return overTcp(group, null);
        }
        @Nullable Failure before = failures.get(group.lenderId());
        if (before != null && !required && System.nanoTime() - before.at() < LEFT_ALONE) {
            return overTcp(group, before.why());
        }
        try {
            Leg.Connected connected = rdma.get().connect(group);
            if (failures.remove(group.lenderId()) != null) {
                LOG.log(Level.INFO, "lender {0} is reached over RDMA again", group.lenderId());
            }
            ways.took(group, DataTransport.RDMA, null);
            return new OverRdma(connected, group);
        } catch (BorrowingException e) {
            // A lender that knows no such claim knows none over TCP either.
            if (required || e.code().equals(Leg.REFUSED)) {
                throw e;
            }
            return overTcp(group, note(group, before, e));
        }
    }

    private Leg.Connected overTcp(LegGroup group, @Nullable String notRdma)
            throws BorrowingException {
        Leg.Connected connected = tcp.connect(group);
        ways.took(group, DataTransport.TCP, notRdma);
        return connected;
    }

    private String note(LegGroup group, @Nullable Failure before, BorrowingException cause) {
        String why = String.valueOf(cause.getMessage());
        failures.put(group.lenderId(), new Failure(why, System.nanoTime()));
        if (before == null || !before.why().equals(why)) {
            LOG.log(
                    Level.WARNING,
                    "lender {0} is reached over TCP, because {1}",
                    group.lenderId(),
                    why);
        }
        return why;
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
