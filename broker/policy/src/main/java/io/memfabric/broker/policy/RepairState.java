package io.memfabric.broker.policy;

/// How far the replacement of a grant's legs is, be they lost or recalled. There is one at a time.
public enum RepairState {
    NONE,
    /// New lenders are asked to prepare regions.
    PREPARING,
    /// The borrower is asked to use them: it may or may not use them already.
    JOINING,
    /// The borrower is asked to go on without some legs.
    DROPPING
}
