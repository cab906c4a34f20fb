package io.memfabric.broker.policy;

/// Where a grant's device is, as far as the borrower has said.
public enum DeviceState {
    ABSENT,
    /// The borrower was asked to attach it: it may or may not be there.
    ATTACHING,
    ATTACHED,
    /// The borrower was asked to take it away: it may or may not be there.
    DETACHING
}
