package io.memfabric.agent.borrowing;

/// The way to a group of regions at one lender, which lie one after the other. It never answers an
/// error: it connects again, as often as it takes, and sends again what was not answered. One that
/// was started with [Breaks] does neither, because there is another way for its requests.
public interface Leg extends AutoCloseable {

    /// The code with which a lender says that it has no such regions, or not for us.
    String REFUSED = "leg_refused";

    /// The code where a lender cannot be reached now, or cannot let anybody in.
    String UNREACHABLE = "leg_unreachable";

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

    /// Ends the connection as if it had broken. For any thread; does not wait.
    void cut();

    @Override
    void close();

    /// Takes note of a leg's end.
    interface Breaks {

        /// The connection has ended, for good. Right after this all that is under way is let go of,
        /// and what the leg is given later at once, see [Answers#abandoned]. Told in a thread of the
        /// leg.
        void broke();
    }

    /// A leg that reached its lender and has not begun.
    interface Connected extends AutoCloseable {

        /// Begins; this object is used up then.
        Leg start(Requests requests, Answers answers);

        /// Begins a leg that ends with its connection and shares its requests' memory with another
        /// leg; this object is used up then.
        Leg start(Requests requests, Answers answers, Breaks breaks);

        @Override
        void close();
    }

    /// How a transport is found: adapters are services, so that this package imports none of them.
    interface Transport {

        /// Connects to a group of regions.
        ///
        /// @throws BorrowingException where that cannot be done now
        Connected connect(LegGroup group) throws BorrowingException;
    }
}
