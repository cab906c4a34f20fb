package io.memfabric.broker.policy;

import java.util.UUID;

/// What has to be done in the same transaction that records a grant's next state, in the order
/// given.
public sealed interface GrantAction {

    /// Ask a lender to prepare its regions.
    record Prepare(UUID lender) implements GrantAction {}

    /// Ask the borrower to attach the device.
    record Attach() implements GrantAction {}

    /// Ask the borrower to take the device away.
    record Detach() implements GrantAction {}

    /// Ask a lender to fence its regions.
    record Fence(UUID lender) implements GrantAction {}

    /// A lender's regions are free again.
    record FreeRegions(UUID lender) implements GrantAction {}

    /// A lender's regions do not exist any more.
    record VoidRegions(UUID lender) implements GrantAction {}

    /// The grant's creation succeeded.
    record CreationDone() implements GrantAction {}

    /// The grant's creation failed.
    record CreationFailed(Failure failure) implements GrantAction {}

    /// The grant's release succeeded.
    record ReleaseDone() implements GrantAction {}

    /// The grant's release failed; the grant is as it was.
    record ReleaseFailed(Failure failure) implements GrantAction {}

    /// Show this on the grant until something newer replaces it.
    record ShowProblem(Failure failure) implements GrantAction {}
}
