package io.memfabric.agent.borrowing;

import java.util.Optional;

/// Gives one device to QEMU.
public interface DiskServer extends AutoCloseable {

    /// Why it stopped by itself, if it did.
    Optional<DeviceStop> stop();

    /// How many writes clients have sent so far. Discards do not count.
    long writes();

    /// Ends the connection, the listening and the device.
    @Override
    void close();

    /// How a server is found: adapters are services, so that this package imports none of them.
    interface Transport {

        /// Starts the device and serves it.
        ///
        /// @param listener where clients come in; closed with the server
        /// @param exportName the one export that it offers
        DiskServer serve(DiskListener listener, String exportName, BlockDevice.Ready device);
    }
}
