package io.memfabric.agent.borrowing;

/// The way to a group of regions at one lender, which lie one after the other. It never answers an error: it connects again, as often as
/// it takes, and sends again what was not answered.
public interface Leg extends AutoCloseable {

    /// Takes a request for the next [#flush]. Only one thread submits and flushes.
    ///
    /// @param offset where it begins in the group
    /// @return whether it is the first since the last flush
    boolean submit(int slot, long offset);

    /// Sends what was submitted.
    void flush();

    /// Sends one request at once. For any thread.
    void send(int slot, long offset);

    /// Lets go of everything if the lender is out of reach now, see [BlockDevice#abandon].
    void abandon();

    @Override
    void close();

    /// A leg that reached its lender and has not begun.
    interface Connected extends AutoCloseable {

        /// Begins; this object is used up then.
        Leg start(Requests requests, Answers answers);

        @Override
        void close();
    }

    /// One way to lenders: this package imports no adapter.
    interface Transport {

        /// Connects to a group of regions.
        ///
        /// @throws BorrowingException where that cannot be done now
        Connected connect(LegGroup group) throws BorrowingException;
    }
}
