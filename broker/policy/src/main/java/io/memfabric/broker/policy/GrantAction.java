package io.memfabric.broker.policy;

/// What has to be done in the same transaction that records a grant's next state, in the order
/// given.
public sealed interface GrantAction {

    /// Ask the lender of a share to prepare its regions.
    record Prepare(int share) implements GrantAction {}

    /// Ask the borrower to attach the device.
    record Attach() implements GrantAction {}

    /// Ask the borrower to take the device away.
    record Detach() implements GrantAction {}

    /// Ask the borrower to use the new legs in the place of those that they are for.
    record ReplaceLegs() implements GrantAction {}

    /// Ask the borrower to go on without the legs of the shares that are to leave.
    record DropLegs() implements GrantAction {}

    /// The new legs will not come into use.
    record GiveUpNewLegs() implements GrantAction {}

    /// Ask the lender of a share to fence its regions.
    record Fence(int share) implements GrantAction {}

    /// The regions of a share are free again.
    record FreeRegions(int share) implements GrantAction {}

    /// The regions of a share do not exist any more.
    record VoidRegions(int share) implements GrantAction {}

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

    /// What was wrong with the grant is right again.
    record ClearProblem() implements GrantAction {}
}
