package io.memfabric.agent.guest;

import io.memfabric.contract.guest.GuestFrame;
import io.memfabric.contract.guest.GuestFrameCodec;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicInteger;

/// The host's end of a guest's channel as QEMU serves it, with a guest behind it that a test writes.
final class FakeGuest implements AutoCloseable {

    private final ServerSocketChannel server;
    private final Life life;
    private final AtomicInteger connections = new AtomicInteger();
    private volatile boolean closed;

    /// What the guest does with one connection, from its beginning to its end.
    interface Life {
        void live(Line line) throws IOException;
    }

    /// The guest's side of a connection.
    static final class Line {
        private final SocketChannel channel;
        private final FrameReader frames;

        private Line(SocketChannel channel) {
            this.channel = channel;
            this.frames = new FrameReader(channel);
        }

        GuestFrame receive() throws IOException {
            return frames.next();
        }

        /// Until the host closes.
        void receiveForEver() throws IOException {
            while (true) {
                receive();
            }
        }

        /// The next request: a host repeats its CONFIGURE until it has read a HELLO.
        GuestFrame receiveRequest() throws IOException {
            GuestFrame frame = receive();
            while (frame instanceof GuestFrame.Configure) {
                frame = receive();
            }
            return frame;
        }

        void send(GuestFrame frame) throws IOException {
            sendBytes(GuestFrameCodec.encode(frame));
        }

        void sendBytes(byte[] bytes) throws IOException {
            ByteBuffer buffer = ByteBuffer.wrap(bytes);
            while (buffer.hasRemaining()) {
                channel.write(buffer);
            }
        }
    }

    private FakeGuest(ServerSocketChannel server, Life life) {
        this.server = server;
        this.life = life;
    }

    static FakeGuest at(Path socket, Life life) throws IOException {
        ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        server.bind(UnixDomainSocketAddress.of(socket));
        FakeGuest guest = new FakeGuest(server, life);
        Thread.ofVirtual().start(guest::serve);
        return guest;
    }

    private void serve() {
        while (!closed) {
            try (SocketChannel channel = server.accept()) {
                connections.incrementAndGet();
                life.live(new Line(channel));
            } catch (IOException e) {
                // The host closed, or the test did.
            }
        }
    }

    int connections() {
        return connections.get();
    }

    @Override
    public void close() throws IOException {
        closed = true;
        server.close();
    }
}
