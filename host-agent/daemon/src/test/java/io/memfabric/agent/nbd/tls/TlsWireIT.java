package io.memfabric.agent.nbd.tls;

import static org.assertj.core.api.Assertions.assertThat;

import io.memfabric.agent.certificate.TestAuthority;
import io.memfabric.agent.nbd.Wire;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TlsWireIT {

    private static final int BYTES = 4 << 20;

    /// No divisor of a record's length, and less than a record.
    private static final int PIECE = 1_447;

    private static final int ROOM = 5_003;

    @TempDir private Path folder;

    private final TestAuthority authority = new TestAuthority();

    /// A record that is here in part, for a reader that has no room for all of it.
    @Test
    void aReaderWithLittleRoomGetsEveryByteOfRecordsThatTrickleIn() throws Exception {
        UUID host = UUID.randomUUID();
        DataSecurity security = authority.security(folder, host);
        byte[] sent = new byte[BYTES];
        new Random(1).nextBytes(sent);
        try (ServerSocketChannel lender = listen();
                ServerSocketChannel relay = listen()) {
            CompletableFuture<Void> writing = run(() -> write(lender, security, sent));
            CompletableFuture<Void> trickling = run(() -> pass(relay, lender));
            try (SocketChannel socket = SocketChannel.open(relay.getLocalAddress())) {
                DataSecurity.Opening opening = security.borrow(socket, host.toString());
                var _ = opening.startTls().orElseThrow().begin();
                assertThat(read(opening.wire())).isEqualTo(sent);
            }
            writing.join();
            trickling.join();
        }
    }

    private static CompletableFuture<Void> run(Runnable side) {
        return CompletableFuture.runAsync(side, Thread::startVirtualThread);
    }

    private static ServerSocketChannel listen() throws IOException {
        return ServerSocketChannel.open()
                .bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
    }

    private static void write(ServerSocketChannel listener, DataSecurity security, byte[] bytes) {
        try (SocketChannel socket = listener.accept()) {
            DataSecurity.Opening opening = security.lend(socket);
            var _ = opening.startTls().orElseThrow().begin();
            opening.wire().write(ByteBuffer.wrap(bytes));
            // Until the reader has everything and closes.
            socket.read(ByteBuffer.allocate(1));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static byte[] read(Wire wire) throws IOException {
        ByteBuffer all = ByteBuffer.allocate(BYTES);
        while (all.hasRemaining()) {
            ByteBuffer room = ByteBuffer.allocateDirect(Math.min(ROOM, all.remaining()));
            if (wire.read(room) < 0) {
                break;
            }
            all.put(room.flip());
        }
        return all.array();
    }

    /// Passes what the lender sends on in pieces, and what the borrower sends as it comes.
    private static void pass(ServerSocketChannel relay, ServerSocketChannel lender) {
        try (SocketChannel borrower = relay.accept();
                SocketChannel upstream = SocketChannel.open(address(lender))) {
            borrower.setOption(java.net.StandardSocketOptions.TCP_NODELAY, true);
            CompletableFuture<Void> back = run(() -> copy(borrower, upstream, BYTES));
            copy(upstream, borrower, PIECE);
            back.join();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static SocketAddress address(ServerSocketChannel channel) throws IOException {
        return channel.getLocalAddress();
    }

    private static void copy(SocketChannel from, SocketChannel to, int atOnce) {
        ByteBuffer piece = ByteBuffer.allocate(atOnce);
        try {
            while (from.read(piece) >= 0) {
                piece.flip();
                while (piece.hasRemaining()) {
                    to.write(piece);
                }
                piece.clear();
            }
            to.shutdownOutput();
        } catch (IOException e) {
            // One of the two is gone: the other learns it by its own channel.
        }
    }
}
