package io.memfabric.broker.policy;

/// Where one lender's share of a grant is, as far as that lender has said.
public enum LenderState {
    /// It was asked to prepare its regions.
    PREPARING,
    /// Its regions serve the grant.
    READY,
    /// It was asked to prepare regions that are to take the place of others.
    COMING,
    /// Those regions are prepared: the borrower may or may not use them yet.
    JOINING,
    /// The borrower is asked to go on without its regions: it may or may not use them still.
    LEAVING,
    /// The borrower goes on without its regions, which still have their place in the device; it was
    /// asked to fence them.
    DROPPED,
    /// It was asked to fence its regions: they may or may not still serve the grant.
    FENCING,
    /// Its regions are zeroed and free again.
    FENCED,
    /// Its regions are gone, and the grant has them in its device.
    LOST,
    /// Its region table is gone, but the grant has none of its regions in its device any more.
    GONE;

    /// Whether the lender holds nothing for the grant any more.
    public boolean isOver() {
        return this == FENCED || this == LOST || this == GONE;
    }

    /// Whether the lender was asked to fence what it holds.
    public boolean owesFence() {
        return this == FENCING || this == DROPPED;
    }
}
