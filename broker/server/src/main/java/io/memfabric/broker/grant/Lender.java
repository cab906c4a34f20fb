package io.memfabric.broker.grant;

import io.memfabric.broker.policy.LenderState;
import java.util.UUID;

/// A lender of a grant as the ledger has it.
///
/// @param capability the secret with which the borrower reaches this lender's regions
record Lender(UUID hostId, UUID bootId, String capability, LenderState state) {

    /// Without the secret, for logs.
    @Override
    public String toString() {
        return hostId + " " + state;
    }
}
