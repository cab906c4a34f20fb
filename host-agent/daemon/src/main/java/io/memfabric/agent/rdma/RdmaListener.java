package io.memfabric.agent.rdma;

import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;

/// Takes connections. Requests that nobody takes are refused when too many wait.
public interface RdmaListener extends AutoCloseable {

    /// Where it listens.
    InetSocketAddress address();

    /// The next request to connect, or nothing after so long or where the listener is closed.
    Optional<Request> next(Duration longest) throws InterruptedException;

    /// Refuses what waits and listens no more.
    @Override
    void close();

    /// A peer that wants to connect. Taken or refused, once.
    interface Request {

        /// Accepts it and waits until it is connected, at most `deadline`.
        ///
        /// @param slots how many transfers of our own can be under way
        QueuePair accept(int slots, Duration deadline) throws RdmaException;

        void refuse();

        /// The peer's address, for people.
        String peer();
    }
}
