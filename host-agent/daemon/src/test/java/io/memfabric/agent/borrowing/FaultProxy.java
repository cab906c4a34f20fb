package io.memfabric.agent.borrowing;

import io.memfabric.contract.agent.LegPlan;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/// A TCP proxy that fails on demand: between a borrower and a lender it is the network.
final class FaultProxy implements AutoCloseable {

    private final ServerSocketChannel listener = ServerSocketChannel.open();
    private final InetSocketAddress target;
    private final Set<SocketChannel> channels = ConcurrentHashMap.newKeySet();
    private final AtomicInteger accepted = new AtomicInteger();
    private volatile boolean refusing;
    private volatile boolean swallowing;

    FaultProxy(InetSocketAddress target) throws IOException {
        this.target = target;
        listener.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0));
        Thread.ofPlatform().daemon().start(this::accept);
    }

    /// The leg, led through this proxy.
    LegPlan leg(LegPlan direct) throws IOException {
        InetSocketAddress address = (InetSocketAddress) listener.getLocalAddress();
        return new LegPlan(
                direct.lenderId(),
                address.getAddress().getHostAddress() + ":" + address.getPort(),
                direct.exportName());
    }

    int accepted() {
        return accepted.get();
    }

    int open() {
        return channels.size() / 2;
    }

    /// Breaks every connection.
    void cut() {
        for (SocketChannel channel : channels) {
            close(channel);
        }
    }

    /// Lets nobody in until told otherwise.
    void refuse(boolean on) {
        refusing = on;
    }

    /// Drops all bytes on present and future connections until told otherwise; a connection that
    /// lost bytes is never whole again.
    void swallow(boolean on) {
        swallowing = on;
    }

    private void accept() {
        while (true) {
            try {
                SocketChannel client = listener.accept();
                if (refusing) {
                    client.close();
                    continue;
                }
                accepted.incrementAndGet();
                SocketChannel server = SocketChannel.open(target);
                client.setOption(StandardSocketOptions.TCP_NODELAY, true);
                server.setOption(StandardSocketOptions.TCP_NODELAY, true);
                channels.add(client);
                channels.add(server);
                Thread.ofPlatform().daemon().start(() -> copy(client, server));
                Thread.ofPlatform().daemon().start(() -> copy(server, client));
            } catch (IOException e) {
                if (!listener.isOpen()) {
                    return;
                }
            }
        }
    }

    private void copy(SocketChannel from, SocketChannel to) {
        ByteBuffer bytes = ByteBuffer.allocateDirect(1 << 16);
        try {
            while (from.read(bytes.clear()) >= 0) {
                bytes.flip();
                while (bytes.hasRemaining() && !swallowing) {
                    to.write(bytes);
                }
            }
        } catch (IOException e) {
            // Cut; the other direction ends as well.
        }
        close(from);
        close(to);
    }

    private void close(SocketChannel channel) {
        channels.remove(channel);
        try {
            channel.close();
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
        cut();
    }
}
