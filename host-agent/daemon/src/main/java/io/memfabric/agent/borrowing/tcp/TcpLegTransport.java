package io.memfabric.agent.borrowing.tcp;

import io.memfabric.agent.borrowing.BorrowingException;
import io.memfabric.agent.borrowing.Leg;
import io.memfabric.agent.borrowing.LegGroup;
import io.memfabric.agent.nbd.NbdRefusedException;
import io.memfabric.agent.nbd.tls.DataSecurity;
import io.memfabric.agent.nbd.tls.TlsException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;

/// Connects to lenders over TCP.
public final class TcpLegTransport implements Leg.Transport {

    private final ScheduledExecutorService clock =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().daemon().name("leg-clock").factory());

    private final DataSecurity security;

    /// @param security whether connections are sealed
    public TcpLegTransport(DataSecurity security) {
        this.security = security;
    }

    @Override
    public Leg.Connected connect(LegGroup group) throws BorrowingException {
        int colon = group.address().lastIndexOf(':');
        InetSocketAddress address =
                new InetSocketAddress(
                        group.address().substring(0, colon),
                        Integer.parseInt(group.address().substring(colon + 1)));
        LenderAddress lender =
                new LenderAddress(
                        group.lenderId(),
                        address,
                        group.regions(),
                        group.sizeBytes(),
                        clock,
                        security);
        try {
            return new TcpLeg.Connection(lender, lender.connect());
        } catch (TlsException e) {
            throw new BorrowingException(
                    e.code(), "lender " + group.lenderId() + ": " + e.getMessage(), e);
        } catch (NbdRefusedException e) {
            if (e.isTlsUnavailable()) {
                throw new BorrowingException(
                        "tls_unavailable",
                        "lender "
                                + group.lenderId()
                                + " offers no TLS: it has no certificate yet, or its data.security"
                                + " is trusted-network",
                        e);
            }
            if (e.isTlsRequired()) {
                throw new BorrowingException(
                        "tls_required",
                        "lender "
                                + group.lenderId()
                                + " wants TLS and data.security is trusted-network",
                        e);
            }
            throw new BorrowingException(
                    "leg_refused", "lender " + group.lenderId() + " does not let us in", e);
        } catch (IOException e) {
            throw new BorrowingException(
                    "leg_unreachable",
                    "lender " + group.lenderId() + " at " + group.address() + " cannot be reached",
                    e);
        }
    }
}
