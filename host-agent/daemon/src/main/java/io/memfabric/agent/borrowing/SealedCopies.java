package io.memfabric.agent.borrowing;

import java.nio.ByteBuffer;

/// Tells a sealed page's copies apart by its tag.
final class SealedCopies implements PageCopies {

    private final KeptGrant grant;
    private final SealKey key;
    private final PageSeal seal;
    private final PageRecord record = new PageRecord();

    SealedCopies(KeptGrant grant) {
        this.grant = grant;
        key = grant.key();
        seal = new PageSeal(grant, key);
    }

    @Override
    public boolean mayHoldData(long page) {
        return grant.counter(page) != 0;
    }

    @Override
    public Verdict judge(long page, ByteBuffer memory, int at) {
        record.read(grant.memory(), grant.layout().record(page));
        // A page that reads as zeros is never asked for: any copy will do.
        boolean good = record.counter == 0 || seal.fits(memory, at, page, record);
        return good ? Verdict.GOOD : Verdict.BAD;
    }

    @Override
    public void close() {
        key.destroy();
    }
}
