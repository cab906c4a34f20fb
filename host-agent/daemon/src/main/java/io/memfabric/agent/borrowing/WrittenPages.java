package io.memfabric.agent.borrowing;

import java.nio.ByteBuffer;

/// Tells which pages of a sealed device were ever written.
record WrittenPages(KeptGrant grant) implements PageCopies {

    @Override
    public boolean mayHoldData(long page) {
        return grant.counter(page) != 0;
    }

    @Override
    public Verdict judge(long page, ByteBuffer memory, int at) {
        return Verdict.UNKNOWN;
    }

    @Override
    public void close() {
        // What it looks at is the device's.
    }
}
