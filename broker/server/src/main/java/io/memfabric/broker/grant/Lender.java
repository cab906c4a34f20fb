package io.memfabric.broker.grant;

import io.memfabric.broker.policy.LenderState;
import io.memfabric.broker.policy.ledger.TableId;
import java.util.UUID;

/// A lender's share of a grant as the ledger has it.
///
/// @param share its number in the grant
/// @param capability the secret with which the borrower reaches the regions of this share
record Lender(int share, UUID hostId, UUID bootId, String capability, LenderState state) {

    TableId table() {
        return new TableId(hostId, bootId);
    }

    /// Without the secret, for logs.
    @Override
    public String toString() {
        return share + " at " + hostId + " " + state;
    }
}
