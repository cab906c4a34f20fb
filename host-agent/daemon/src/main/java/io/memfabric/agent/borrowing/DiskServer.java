package io.memfabric.agent.borrowing;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/// Gives one device to QEMU.
public interface DiskServer extends AutoCloseable {

    /// Why it stopped by itself, if it did.
    Optional<DeviceStop> stop();

    /// Ends the connection, the listening and the device.
    @Override
    void close();

    /// How a server is found: adapters are services, so that this package imports none of them.
    interface Transport {

        /// Starts the device and serves it.
        ///
        /// @param socket the unix socket to make
        /// @param exportName the one export that it offers
        /// @throws IOException where there can be no such socket; the device was not started then
        DiskServer serve(Path socket, String exportName, BlockDevice.Ready device)
                throws IOException;
    }
}
