package io.memfabric.broker.policy;

/// How far the replacement of a mirrored grant's lost legs is. There is one at a time.
public enum RepairState {
    NONE,
    /// New lenders are asked to prepare regions.
    PREPARING,
    /// The borrower is asked to use them: it may or may not use them already.
    JOINING
}
