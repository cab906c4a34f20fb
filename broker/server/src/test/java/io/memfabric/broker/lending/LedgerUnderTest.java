package io.memfabric.broker.lending;

import io.memfabric.broker.policy.ledger.RegionLedger;
import java.util.UUID;
import java.util.function.Supplier;

/// A ledger of regions with what it stands in: its changes, and the hosts and grants that it knows.
interface LedgerUnderTest extends AutoCloseable {

    RegionLedger regions();

    /// Runs a change once, whole or not at all.
    <T> T change(Supplier<T> change);

    /// A host that is known from now on.
    void add(UUID hostId);

    /// A grant that is known from now on.
    void addGrant(UUID grantId);

    @Override
    void close();
}
