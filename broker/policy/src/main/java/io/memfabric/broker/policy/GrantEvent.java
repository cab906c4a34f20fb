package io.memfabric.broker.policy;

import java.util.UUID;

/// Something that happened to a grant. Events may be late, repeated or out of order: a life ignores
/// what no longer concerns it.
public sealed interface GrantEvent {

    /// A lender prepared its regions.
    record Prepared(UUID lender) implements GrantEvent {}

    /// A lender prepared nothing.
    record PrepareRefused(UUID lender, Failure failure) implements GrantEvent {}

    /// The VM has the device.
    record Attached() implements GrantEvent {}

    /// The borrower could not attach the device.
    record AttachRefused(Failure failure) implements GrantEvent {}

    /// The VM does not have the device any more.
    record Detached() implements GrantEvent {}

    /// The borrower left the device where it is.
    record DetachRefused(Failure failure) implements GrantEvent {}

    /// A lender fenced its regions.
    record Fenced(UUID lender) implements GrantEvent {}

    /// A lender did not fence its regions.
    record FenceRefused(UUID lender, Failure failure) implements GrantEvent {}

    /// A lender whose fence is awaited has no command that asks for it.
    record FenceUnasked(UUID lender) implements GrantEvent {}

    /// A lender's region table is gone.
    record LenderLost(UUID lender) implements GrantEvent {}

    /// Somebody asked for the release of the grant.
    record ReleaseRequested() implements GrantEvent {}
}
