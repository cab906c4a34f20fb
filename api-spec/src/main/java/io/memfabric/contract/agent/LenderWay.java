package io.memfabric.contract.agent;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// Over what a borrower reaches a lender for one grant.
///
/// @param transport what the last connection was made over
/// @param notRdma why it is not RDMA although the lender offers that and this host has it, one
///     sentence of at most 1,000 characters; null where there is nothing to explain
public record LenderWay(UUID lenderId, DataTransport transport, @Nullable String notRdma) {

    private static final int MOST = 1000;

    public LenderWay {
        Check.present("lenderId", lenderId);
        Check.present("transport", transport);
        if (notRdma != null && notRdma.length() > MOST) {
            notRdma = notRdma.substring(0, MOST);
        }
    }
}
