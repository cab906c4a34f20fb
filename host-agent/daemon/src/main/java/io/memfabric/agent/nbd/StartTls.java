package io.memfabric.agent.nbd;

import java.io.IOException;
import java.nio.channels.ByteChannel;

/// How one connection becomes a sealed one in the middle of its handshake. It reads the socket
/// itself: not a byte that came in the clear may still wait to be read when it begins.
public interface StartTls {

    /// Whether it could begin now.
    boolean isReady();

    /// Seals the connection.
    ///
    /// @return what all that follows is said on
    /// @throws NbdException where the peer is not one to talk to
    ByteChannel begin() throws IOException;
}
