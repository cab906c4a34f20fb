package io.memfabric.agent.lending;

import java.nio.ByteBuffer;

/// What one region's bytes are kept in; reads as zeros until somebody writes.
interface RegionMemory extends AutoCloseable {

    /// The bytes for a server to read and write. Using them after [#close] throws.
    ByteBuffer bytes();

    /// Sees to it that every byte can be written, before the region is claimed.
    ///
    /// @throws LendingException where there is no room for it
    default void back() {}

    /// Forgets what was written.
    void zero();

    /// Gives what it takes back to the host.
    @Override
    void close();
}
