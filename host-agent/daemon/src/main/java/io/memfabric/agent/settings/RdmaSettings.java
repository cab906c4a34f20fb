package io.memfabric.agent.settings;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.Optional;

/// What an agent shall do about RDMA.
///
/// @param listen where regions are served over it; empty where the settings name no single address
/// @param library an installed native half to use instead of the agent's own
public record RdmaSettings(Use use, Optional<InetSocketAddress> listen, Optional<Path> library) {

    /// When RDMA is used.
    public enum Use {
        /// Where this host and the lender both can.
        AUTO,
        /// Never; nothing of it is loaded.
        OFF,
        /// Always: what cannot be reached over it is not reached.
        REQUIRED
    }
}
