package io.memfabric.broker.grant;

/// Whether the borrower has a leg in the grant's device.
enum LegUse {
    /// It is to take the place of a lost one.
    COMING,
    /// It is in the device, or in the plan of it.
    HELD,
    /// It is not in the device any more, or never came to be.
    PAST
}
