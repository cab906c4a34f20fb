package io.memfabric.agent.borrowing;

import java.nio.ByteBuffer;

/// What is known of a device's pages apart from their copies.
interface PageCopies extends AutoCloseable {

    /// What a copy of a page is worth.
    enum Verdict {
        /// It is what was written last.
        GOOD,
        /// It is something else.
        BAD,
        /// Nobody can tell.
        UNKNOWN
    }

    /// Nothing is known.
    PageCopies UNKNOWN =
            new PageCopies() {
                @Override
                public boolean mayHoldData(long page) {
                    return true;
                }

                @Override
                public Verdict judge(long page, ByteBuffer memory, int at) {
                    return Verdict.UNKNOWN;
                }

                @Override
                public void close() {
                    // It has nothing.
                }
            };

    /// Whether this page of the device was ever written; one that was not reads as zeros. For any
    /// thread.
    boolean mayHoldData(long page);

    /// Judges a copy while no write to the page is under way; the bytes stay as they are. For one
    /// thread.
    Verdict judge(long page, ByteBuffer memory, int at);

    @Override
    void close();
}
