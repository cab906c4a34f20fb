package io.memfabric.broker.lending;

import io.memfabric.broker.policy.ledger.RegionLedger;
import io.memfabric.broker.policy.ledger.RegionsInMemory;
import java.util.UUID;
import java.util.function.Supplier;

/// The ledger in memory, which knows everybody.
final class LedgerInMemory implements LedgerUnderTest {

    private final RegionsInMemory regions = new RegionsInMemory();

    @Override
    public RegionLedger regions() {
        return regions;
    }

    @Override
    public <T> T change(Supplier<T> change) {
        return regions.change(change);
    }

    @Override
    public void add(UUID hostId) {}

    @Override
    public void addGrant(UUID grantId) {}

    @Override
    public void close() {}
}
