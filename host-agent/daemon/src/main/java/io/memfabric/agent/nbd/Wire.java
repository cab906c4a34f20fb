package io.memfabric.agent.nbd;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.GatheringByteChannel;
import java.nio.channels.SocketChannel;

/// A blocking connection as the protocol sees it, sealed or not. One thread may read while another
/// writes; closing it from any thread ends both at once.
///
/// It writes all it is given. Of a gathered write every buffer goes out in as few pieces as the wire
/// allows, so a caller gathers what can go together.
public interface Wire extends ByteChannel, GatheringByteChannel {

    /// A connected socket as it is: nothing on it is sealed.
    static Wire plain(SocketChannel socket) {
        return new PlainWire(socket);
    }

    @Override
    default long write(ByteBuffer[] sources) throws IOException {
        return write(sources, 0, sources.length);
    }
}
