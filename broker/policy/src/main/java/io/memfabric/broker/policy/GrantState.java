package io.memfabric.broker.policy;

/// Where a grant is in its life.
public enum GrantState {
    /// Its regions are claimed in the ledger; their lenders are asked to prepare them.
    RESERVED,
    /// Every lender has prepared its regions; the borrower is asked to attach the device.
    PREPARED,
    /// The VM has the device.
    ACTIVE,
    /// The VM has the device, and some extent of it has fewer whole copies than it should.
    DEGRADED,
    /// The VM has the device, and some of its legs are on their way to other lenders, because theirs
    /// need their memory back.
    RECALLING,
    /// The VM has the device, but hosts and ledger do not say the same of it, or it serves no more:
    /// nothing of it is freed, moved, dropped or resized before an operator ends it.
    QUARANTINED,
    /// The borrower is asked to take the device away.
    DRAINING,
    /// The device is gone; the lenders are asked to fence its regions.
    FENCED,
    /// Every region is back with its lender.
    RELEASED,
    /// It never became active; whatever it claimed is on its way back.
    FAILED
}
