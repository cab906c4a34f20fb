package io.memfabric.agent.lending;

import java.io.IOException;
import java.net.InetSocketAddress;

/// Serves regions to borrowers over one transport. It lets a borrower in only through
/// [RegionGate#enter].
public interface RegionServer extends AutoCloseable {

    /// Where borrowers reach it.
    InetSocketAddress address();

    /// Stops listening, cuts every connection and waits for their ends.
    @Override
    void close();

    /// How servers of one transport are made: this package imports no adapter.
    interface Transport {

        /// Starts to serve at an address.
        RegionServer listen(InetSocketAddress address, RegionGate gate) throws IOException;
    }
}
