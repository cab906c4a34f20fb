package io.memfabric.broker.policy.ledger;

/// A mistake that a broker could make, to see that the simulation finds it.
enum FabricFault {
    NONE,
    /// What is to be fenced can be claimed at once.
    FREES_BEFORE_THE_FENCE,
    /// Lenders are asked for their fences while the borrower is still asked for the device.
    FENCES_UNDER_THE_DEVICE,
    /// A death in the middle of a change leaves what it did to the regions.
    KEEPS_HALF_A_CHANGE,
    /// A lender's new table is believed without a word to the grants that lost the old one.
    FORGETS_WHO_LENT,
    /// What is fenced stays claimed.
    LEAKS_WHAT_IS_FENCED
}
