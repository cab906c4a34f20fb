package io.memfabric.broker.policy;

import java.util.Set;
import java.util.UUID;

/// Something that happened to a grant. Events may be late, repeated or out of order: a life ignores
/// what no longer concerns it. A lender's share is named by its number.
public sealed interface GrantEvent {

    /// A lender prepared its regions.
    record Prepared(int share) implements GrantEvent {}

    /// A lender prepared nothing.
    record PrepareRefused(int share, Failure failure) implements GrantEvent {}

    /// The VM has the device.
    record Attached() implements GrantEvent {}

    /// The borrower could not attach the device.
    record AttachRefused(Failure failure) implements GrantEvent {}

    /// The VM does not have the device any more.
    record Detached() implements GrantEvent {}

    /// The borrower left the device where it is.
    record DetachRefused(Failure failure) implements GrantEvent {}

    /// A lender fenced its regions.
    record Fenced(int share) implements GrantEvent {}

    /// A lender did not fence its regions.
    record FenceRefused(int share, Failure failure) implements GrantEvent {}

    /// A lender whose fence is awaited has no command that asks for it.
    record FenceUnasked(int share) implements GrantEvent {}

    /// A lender's region table is gone.
    record LenderLost(int share, UUID lender) implements GrantEvent {}

    /// Somebody asked for the release of the grant.
    record ReleaseRequested() implements GrantEvent {}

    /// The borrower said how its copies are.
    ///
    /// @param whole whether it misses none
    record CopiesReported(boolean whole) implements GrantEvent {}

    /// Regions were claimed that are to take the place of lost ones.
    ///
    /// @param shares the new shares, none of which the life has had before
    record RepairPlaced(Set<Integer> shares) implements GrantEvent {}

    /// The borrower uses the new legs, and the ones in whose place they came no longer.
    ///
    /// @param joined the new shares
    /// @param departed older shares of which the device has nothing any more
    record LegsReplaced(Set<Integer> joined, Set<Integer> departed) implements GrantEvent {}

    /// The borrower uses none of the new legs.
    record ReplaceRefused(Set<Integer> joining, Failure failure) implements GrantEvent {}

    /// What the hosts say of the grant cannot be true together, or its device serves no more.
    record Doubted(Failure failure) implements GrantEvent {}

    /// An operator takes the grant back into service: the hosts say the same of it again.
    record Trusted() implements GrantEvent {}

    /// Lost legs cannot be replaced for now.
    record RepairHindered(Failure failure) implements GrantEvent {}

    /// Regions were claimed that are to take the place of recalled ones.
    ///
    /// @param shares the new shares, none of which the life has had before
    record MovePlaced(Set<Integer> shares) implements GrantEvent {}

    /// The lenders of these shares need their memory back, and other legs have the same pages.
    record DropWanted(Set<Integer> shares) implements GrantEvent {}

    /// The borrower uses the legs of the shares that were to leave no more.
    record LegsDropped() implements GrantEvent {}

    /// The borrower uses the legs of the shares that were to leave as before.
    record DropRefused(Failure failure) implements GrantEvent {}
}
