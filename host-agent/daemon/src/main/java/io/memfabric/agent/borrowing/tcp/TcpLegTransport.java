package io.memfabric.agent.borrowing.tcp;

import io.memfabric.agent.borrowing.BorrowingException;
import io.memfabric.agent.borrowing.Leg;
import io.memfabric.agent.borrowing.LegGroup;
import io.memfabric.agent.nbd.NbdRefusedException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;

/// Connects to lenders over TCP. Found as a service.
public final class TcpLegTransport implements Leg.Transport {

    private final ScheduledExecutorService clock =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().daemon().name("leg-clock").factory());

    @Override
    public Leg.Connected connect(LegGroup group) throws BorrowingException {
        int colon = group.address().lastIndexOf(':');
        InetSocketAddress address =
                new InetSocketAddress(
                        group.address().substring(0, colon),
                        Integer.parseInt(group.address().substring(colon + 1)));
        LenderAddress lender =
                new LenderAddress(address, group.regions(), group.sizeBytes(), clock);
        try {
            return new TcpLeg.Connection(lender, lender.connect());
        } catch (NbdRefusedException e) {
            throw new BorrowingException(
                    e.isUnknownExport() ? Leg.REFUSED : Leg.UNREACHABLE,
                    "lender " + group.lenderId() + " does not let us in",
                    e);
        } catch (LenderAddress.WrongSizeException e) {
            throw new BorrowingException(
                    Leg.REFUSED, "lender " + group.lenderId() + " serves something else", e);
        } catch (IOException e) {
            throw new BorrowingException(
                    Leg.UNREACHABLE,
                    "lender " + group.lenderId() + " at " + group.address() + " cannot be reached",
                    e);
        }
    }
}
