package io.memfabric.agent.lending.rdma;

import io.memfabric.agent.lending.RegionGate;
import io.memfabric.agent.lending.RegionServer;
import io.memfabric.agent.rdma.RdmaListener;
import io.memfabric.agent.rdma.Verbs;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/// Serves regions over RDMA, a platform thread a connection that sleeps: the device does the work.
public final class RdmaRegionServer implements RegionServer {

    private static final int MAX_CONNECTIONS = 4096;
    private static final Duration LOOK = Duration.ofMillis(500);

    private final RdmaListener listener;
    private final RegionGate gate;
    private final ProbePage probe = new ProbePage();
    private final Set<RdmaRegionConnection> open = ConcurrentHashMap.newKeySet();
    private final Thread acceptor;
    private volatile boolean closed;

    /// How such servers are made.
    ///
    /// @param verbs of this host
    public record RdmaTransport(Verbs verbs) implements RegionServer.Transport {
        @Override
        public RegionServer listen(InetSocketAddress address, RegionGate gate) throws IOException {
            return new RdmaRegionServer(verbs.listen(address), gate);
        }
    }

    RdmaRegionServer(RdmaListener listener, RegionGate gate) {
        this.listener = listener;
        this.gate = gate;
        acceptor = Thread.ofPlatform().daemon().name("rdma-region-accept").start(this::accept);
    }

    @Override
    public InetSocketAddress address() {
        return listener.address();
    }

    private void accept() {
        while (!closed) {
            try {
                Optional<RdmaListener.Request> request = listener.next(LOOK);
                if (request.isPresent()) {
                    start(request.get());
                }
            } catch (InterruptedException e) {
                return;
            }
        }
    }

    private void start(RdmaListener.Request request) {
        if (open.size() >= MAX_CONNECTIONS) {
            request.refuse();
            return;
        }
        RdmaRegionConnection connection = new RdmaRegionConnection(request, gate, probe);
        open.add(connection);
        Thread.ofPlatform()
                .daemon()
                .name("rdma-region-connection")
                .start(
                        () -> {
                            try {
                                connection.run();
                            } finally {
                                open.remove(connection);
                            }
                        });
    }

    @Override
    public void close() {
        closed = true;
        listener.close();
        try {
            acceptor.join();
            for (RdmaRegionConnection connection : open) {
                connection.cut();
                connection.awaitEnd();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
