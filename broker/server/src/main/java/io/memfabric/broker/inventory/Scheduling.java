package io.memfabric.broker.inventory;

/// Whether a host gets new regions to lend for, and whether it keeps those that it has.
public enum Scheduling {
    OPEN,
    /// Nothing new is placed on it.
    CORDONED,
    /// Nothing new is placed on it, and all that it lends is recalled.
    DRAINED
}
