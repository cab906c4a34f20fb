package io.memfabric.broker.lending;

/// The ledger in memory keeps the contract.
class RegionsInMemoryTest extends RegionLedgerContract {

    private static final LedgerUnderTest LEDGER = new LedgerInMemory();

    @Override
    LedgerUnderTest ledger() {
        return LEDGER;
    }
}
