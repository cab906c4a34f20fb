package io.memfabric.agent.rdma;

import java.net.InetSocketAddress;
import java.time.Duration;

/// The verbs of this host. Safe for use by several threads.
public interface Verbs {

    /// Listens for connections at an IPv4 address of an RDMA device; port 0 chooses one.
    ///
    /// @throws RdmaException where no device has the address, or the port is taken
    RdmaListener listen(InetSocketAddress address) throws RdmaException;

    /// Connects to a listener, in at most `deadline`.
    ///
    /// @param slots how many transfers can be under way
    /// @throws RdmaException with one of its codes
    QueuePair connect(InetSocketAddress peer, int slots, Duration deadline) throws RdmaException;
}
