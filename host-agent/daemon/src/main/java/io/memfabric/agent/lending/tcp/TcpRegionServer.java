package io.memfabric.agent.lending.tcp;

import io.memfabric.agent.lending.RegionGate;
import io.memfabric.agent.lending.RegionServer;
import io.memfabric.agent.nbd.tls.DataSecurity;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/// Serves regions over NBD on TCP, a platform thread a connection: PERFORMANCE trials showed virtual
/// threads to lose a third at depth 1.
public final class TcpRegionServer implements RegionServer {

    private static final System.Logger LOG = System.getLogger(TcpRegionServer.class.getName());
    private static final int MAX_CONNECTIONS = 4096;
    private static final int BACKLOG = 128;
    private static final int HANDSHAKE_SECONDS = 5;

    private final ServerSocketChannel listener;
    private final InetSocketAddress address;
    private final RegionGate gate;
    private final DataSecurity security;
    private final ScheduledExecutorService deadlines =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().daemon().name("region-deadlines").factory());
    private final Set<TcpRegionConnection> open = ConcurrentHashMap.newKeySet();
    private final Thread acceptor;

    /// How such servers are made.
    ///
    /// @param security whether borrowers must seal their connections
    public record TcpTransport(DataSecurity security) implements RegionServer.Transport {
        @Override
        public RegionServer listen(InetSocketAddress address, RegionGate gate) throws IOException {
            return new TcpRegionServer(address, gate, security);
        }
    }

    TcpRegionServer(InetSocketAddress address, RegionGate gate, DataSecurity security)
            throws IOException {
        this.gate = gate;
        this.security = security;
        listener = ServerSocketChannel.open();
        try {
            listener.bind(address, BACKLOG);
            this.address = (InetSocketAddress) listener.getLocalAddress();
        } catch (IOException e) {
            listener.close();
            throw e;
        }
        acceptor = Thread.ofPlatform().daemon().name("region-accept").start(this::accept);
    }

    @Override
    public InetSocketAddress address() {
        return address;
    }

    private void accept() {
        while (listener.isOpen()) {
            try {
                start(listener.accept());
            } catch (ClosedChannelException e) {
                return;
            } catch (IOException e) {
                LOG.log(System.Logger.Level.WARNING, "cannot accept a borrower", e);
                pauseAfterFailedAccept();
            }
        }
    }

    /// Out of descriptors, most likely: trying again at once would only burn the processor.
    private static void pauseAfterFailedAccept() {
        try {
            TimeUnit.MILLISECONDS.sleep(100);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void start(SocketChannel channel) throws IOException {
        if (open.size() >= MAX_CONNECTIONS) {
            channel.close();
            return;
        }
        TcpRegionConnection connection = new TcpRegionConnection(channel, gate, security);
        open.add(connection);
        var _ =
                deadlines.schedule(
                        connection::cutIfNotEntered, HANDSHAKE_SECONDS, TimeUnit.SECONDS);
        Thread.ofPlatform().daemon().name("region-connection").start(() -> serve(connection));
    }

    private void serve(TcpRegionConnection connection) {
        try {
            connection.run();
        } finally {
            open.remove(connection);
        }
    }

    @Override
    public void close() {
        try {
            listener.close();
            acceptor.join();
            for (TcpRegionConnection connection : open) {
                connection.cut();
                connection.awaitEnd();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            deadlines.shutdownNow();
        }
    }
}
