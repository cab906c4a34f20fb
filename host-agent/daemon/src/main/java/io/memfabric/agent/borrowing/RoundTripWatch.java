package io.memfabric.agent.borrowing;

import io.memfabric.contract.agent.DataTransport;
import io.memfabric.contract.agent.LenderPlace;
import io.memfabric.contract.agent.MeasuredLender;
import java.lang.System.Logger.Level;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Optional;

/// Measures the ways to lenders, each over what its legs would take.
public final class RoundTripWatch {

    private static final System.Logger LOG = System.getLogger(RoundTripWatch.class.getName());
    private static final int SAMPLES = 20;
    private static final int MOST = 256;

    private final LenderProbe tcp;
    private final Optional<LenderProbe> rdma;

    /// @param rdma empty where this host has no RDMA
    public RoundTripWatch(LenderProbe tcp, Optional<LenderProbe> rdma) {
        this.tcp = tcp;
        this.rdma = rdma;
    }

    /// Measures them one after the other, so that they do not disturb each other. Lenders that cannot
    /// be reached are left out.
    public List<MeasuredLender> measure(Collection<LenderPlace> lenders) {
        List<MeasuredLender> measured = new ArrayList<>();
        for (LenderPlace lender : lenders) {
            if (measured.size() < MOST) {
                measure(lender).ifPresent(measured::add);
            }
        }
        return measured;
    }

    private Optional<MeasuredLender> measure(LenderPlace lender) {
        if (rdma.isPresent() && lender.rdmaAddress() != null) {
            Optional<MeasuredLender> over = measure(lender, rdma.get(), DataTransport.RDMA);
            if (over.isPresent()) {
                return over;
            }
        }
        return measure(lender, tcp, DataTransport.TCP);
    }

    private static Optional<MeasuredLender> measure(
            LenderPlace lender, LenderProbe probe, DataTransport transport) {
        try {
            long[] nanos = probe.measure(lender, SAMPLES);
            Arrays.sort(nanos);
            return Optional.of(
                    new MeasuredLender(
                            lender.hostId(),
                            transport,
                            nanos.length,
                            nanos[0],
                            nanos[nanos.length / 2],
                            nanos[(int) Math.ceil(nanos.length * 0.99) - 1]));
        } catch (BorrowingException e) {
            LOG.log(Level.DEBUG, e.getMessage());
            return Optional.empty();
        }
    }
}
