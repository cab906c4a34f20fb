package io.memfabric.agent.lending;

/// A borrower's way to one region, as the gate sees it.
public interface RegionConnection {

    /// Begins to end it; does not wait. Harmless on one that has ended.
    void cut();
}
