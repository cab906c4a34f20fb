package io.memfabric.agent.borrowing.tcp;

import io.memfabric.agent.borrowing.BorrowingException;
import io.memfabric.agent.borrowing.Leg;
import io.memfabric.agent.nbd.NbdRefusedException;
import io.memfabric.contract.agent.LegPlan;
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
    public Leg.Connected connect(LegPlan plan, long sizeBytes) throws BorrowingException {
        int colon = plan.address().lastIndexOf(':');
        InetSocketAddress address =
                new InetSocketAddress(
                        plan.address().substring(0, colon),
                        Integer.parseInt(plan.address().substring(colon + 1)));
        LenderAddress lender = new LenderAddress(address, plan.exportName(), sizeBytes, clock);
        try {
            return new TcpLeg.Connection(lender, lender.connect());
        } catch (NbdRefusedException e) {
            throw new BorrowingException(
                    "leg_refused", "lender " + plan.lenderId() + " does not let us in", e);
        } catch (IOException e) {
            throw new BorrowingException(
                    "leg_unreachable",
                    "lender " + plan.lenderId() + " at " + plan.address() + " cannot be reached",
                    e);
        }
    }
}
