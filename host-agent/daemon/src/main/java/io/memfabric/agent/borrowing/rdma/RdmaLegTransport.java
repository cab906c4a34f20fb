package io.memfabric.agent.borrowing.rdma;

import io.memfabric.agent.borrowing.Answers;
import io.memfabric.agent.borrowing.BorrowingException;
import io.memfabric.agent.borrowing.Leg;
import io.memfabric.agent.borrowing.LegGroup;
import io.memfabric.agent.borrowing.ReconnectingLeg;
import io.memfabric.agent.borrowing.Requests;
import io.memfabric.agent.rdma.Verbs;

/// Connects to lenders over RDMA.
public final class RdmaLegTransport implements Leg.Transport {

    private final Verbs verbs;

    /// @param verbs of this host
    public RdmaLegTransport(Verbs verbs) {
        this.verbs = verbs;
    }

    @Override
    public Leg.Connected connect(LegGroup group) throws BorrowingException {
        String address = group.rdmaAddress();
        if (address == null) {
            throw new BorrowingException(
                    Leg.UNREACHABLE, "lender " + group.lenderId() + " offers no RDMA", null);
        }
        return new Connection(this, group, RdmaLink.connect(verbs, group, address));
    }

    /// A connection that has entered its regions.
    private record Connection(Leg.Transport again, LegGroup group, RdmaLink link)
            implements Leg.Connected {

        @Override
        public Leg start(Requests requests, Answers answers) {
            return new ReconnectingLeg(again, group, this, requests, answers);
        }

        @Override
        public Leg start(Requests requests, Answers answers, Leg.Breaks breaks) {
            return new RdmaLeg(link, requests, answers, breaks);
        }

        @Override
        public void close() {
            link.close();
        }
    }
}
