package io.memfabric.broker.policy.ledger;

import java.util.UUID;

/// A region table of a lender: a lender that loses what is in it has another one afterwards.
public record TableId(UUID hostId, UUID bootId) {}
