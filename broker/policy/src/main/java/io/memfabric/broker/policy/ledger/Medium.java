package io.memfabric.broker.policy.ledger;

/// What the regions of a table are kept in.
public enum Medium {
    MEMORY,
    DISK
}
