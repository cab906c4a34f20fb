package io.memfabric.broker.lending;

import java.util.UUID;

/// A host has another region table than the ledger believed in: whatever the old one held is gone.
/// Published outside of a transaction, again and again until everybody has coped with it.
public record TableReplaced(UUID hostId, UUID oldBootId) {}
