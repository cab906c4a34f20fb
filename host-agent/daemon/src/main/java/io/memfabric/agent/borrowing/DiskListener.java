package io.memfabric.agent.borrowing;

import java.io.IOException;
import java.nio.channels.ByteChannel;
import java.nio.file.Path;
import java.util.Optional;
import java.util.function.Function;

/// Where the clients of a device come in.
public interface DiskListener extends AutoCloseable {

    /// Waits for the next client.
    ///
    /// @throws java.nio.channels.ClosedChannelException once it is closed
    ByteChannel accept() throws IOException;

    boolean isOpen();

    /// Ends the listening of this process. A socket that is held outside takes clients further on;
    /// they wait for the next process.
    @Override
    void close();

    /// How a device gets its listener.
    interface Source {

        /// Listens on a unix socket, or goes on where an earlier process did.
        ///
        /// @param name whose socket it is; a process asks for each once, or after [#drop]
        /// @param objection why a process is not to be served, if so: its connection is closed then
        DiskListener listen(
                String name,
                Path socket,
                Function<? super DiskClients.Peer, Optional<String>> objection)
                throws IOException;

        /// Ends a name's socket for good.
        void drop(String name, Path socket);
    }
}
