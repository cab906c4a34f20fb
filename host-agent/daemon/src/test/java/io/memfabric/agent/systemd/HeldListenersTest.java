package io.memfabric.agent.systemd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.memfabric.agent.borrowing.DiskClients;
import io.memfabric.agent.borrowing.DiskListener;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
final class HeldListenersTest {

    @TempDir private Path folder;

    private final HeldListeners listeners =
            new HeldListeners(Supervisor.of(Map.of(), ProcessHandle.current().pid()));

    private Path socket() {
        return folder.resolve("disk.sock");
    }

    private SocketChannel connected() throws IOException {
        SocketChannel client = SocketChannel.open(StandardProtocolFamily.UNIX);
        client.connect(UnixDomainSocketAddress.of(socket()));
        return client;
    }

    @Test
    void carriesBytesBothWays() throws IOException {
        try (DiskListener listener = listeners.listen("g", socket(), _ -> Optional.empty());
                SocketChannel client = connected();
                ByteChannel server = listener.accept()) {
            client.write(ByteBuffer.wrap(new byte[] {1, 2, 3}));
            ByteBuffer direct = ByteBuffer.allocateDirect(8).position(2);
            assertThat(server.read(direct)).isEqualTo(3);
            assertThat(direct.position()).isEqualTo(5);
            assertThat(direct.get(4)).isEqualTo((byte) 3);
            server.write(direct.position(3).limit(5));
            ByteBuffer back = ByteBuffer.allocate(8);
            client.read(back);
            assertThat(back.flip()).isEqualTo(ByteBuffer.wrap(new byte[] {2, 3}));
            client.shutdownOutput();
            assertThat(server.read(ByteBuffer.allocate(8))).isEqualTo(-1);
        }
    }

    @Test
    void closingAConnectionWakesItsReader() throws Exception {
        try (DiskListener listener = listeners.listen("g", socket(), _ -> Optional.empty());
                SocketChannel client = connected()) {
            ByteChannel server = listener.accept();
            CompletableFuture<Integer> read =
                    CompletableFuture.supplyAsync(
                            () -> {
                                try {
                                    return server.read(ByteBuffer.allocateDirect(8));
                                } catch (IOException e) {
                                    throw new CompletionException(e);
                                }
                            });
            server.close();
            assertThatExceptionOfType(Exception.class)
                    .isThrownBy(() -> read.get(10, TimeUnit.SECONDS))
                    .withCauseInstanceOf(ClosedChannelException.class);
            assertThat(client.read(ByteBuffer.allocate(1))).isEqualTo(-1);
        }
    }

    @Test
    void closingTheListenerWakesWhoAccepts() throws Exception {
        DiskListener listener = listeners.listen("g", socket(), _ -> Optional.empty());
        CompletableFuture<ByteChannel> accepted =
                CompletableFuture.supplyAsync(
                        () -> {
                            try {
                                return listener.accept();
                            } catch (IOException e) {
                                throw new CompletionException(e);
                            }
                        });
        listener.close();
        assertThatExceptionOfType(Exception.class)
                .isThrownBy(() -> accepted.get(10, TimeUnit.SECONDS))
                .withCauseInstanceOf(ClosedChannelException.class);
        assertThat(listener.isOpen()).isFalse();
    }

    @Test
    void onlyTheOwnerMayConnect() throws IOException {
        try (DiskListener listener = listeners.listen("g", socket(), _ -> Optional.empty())) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket())))
                    .isEqualTo("rw-------");
            assertThat(listener.isOpen()).isTrue();
        }
    }

    @Test
    void closesTheConnectionOfWhomItIsNotToServe() throws Exception {
        List<DiskClients.Peer> seen = new CopyOnWriteArrayList<>();
        try (DiskListener listener =
                listeners.listen(
                        "g",
                        socket(),
                        peer -> {
                            seen.add(peer);
                            return seen.size() == 1 ? Optional.of("a stranger") : Optional.empty();
                        })) {
            CompletableFuture<ByteChannel> accepted =
                    CompletableFuture.supplyAsync(
                            () -> {
                                try {
                                    return listener.accept();
                                } catch (IOException e) {
                                    throw new CompletionException(e);
                                }
                            });
            try (SocketChannel stranger = connected()) {
                assertThat(stranger.read(ByteBuffer.allocate(1))).isEqualTo(-1);
                assertThat(accepted).isNotDone();
            }
            try (SocketChannel friend = connected();
                    ByteChannel server = accepted.get(10, TimeUnit.SECONDS)) {
                server.write(ByteBuffer.wrap(new byte[] {7}));
                assertThat(friend.read(ByteBuffer.allocate(1))).isEqualTo(1);
            }
        }
        int user = (Integer) Files.getAttribute(folder, "unix:uid");
        assertThat(seen)
                .containsOnly(new DiskClients.Peer((int) ProcessHandle.current().pid(), user))
                .hasSize(2);
    }

    @Test
    void aFloodOfStrangersKeepsNobodyOut() throws Exception {
        int strangers = 1_000;
        AtomicInteger seen = new AtomicInteger();
        try (DiskListener listener =
                listeners.listen(
                        "g",
                        socket(),
                        _ ->
                                seen.incrementAndGet() <= strangers
                                        ? Optional.of("a stranger")
                                        : Optional.empty())) {
            CompletableFuture<Void> flood =
                    CompletableFuture.runAsync(
                            () -> {
                                try {
                                    for (int i = 0; i <= strangers; i++) {
                                        connected().close();
                                    }
                                } catch (IOException e) {
                                    throw new CompletionException(e);
                                }
                            });
            // The one client that is welcome comes last.
            listener.accept().close();
            flood.get(20, TimeUnit.SECONDS);
        }
        assertThat(seen).hasValue(strangers + 1);
        try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
            assertThat(open.count()).isLessThan(strangers);
        }
    }

    @Test
    void aDroppedSocketIsGone() throws IOException {
        listeners.listen("g", socket(), _ -> Optional.empty()).close();
        listeners.drop("g", socket());
        assertThat(socket()).doesNotExist();
    }
}
