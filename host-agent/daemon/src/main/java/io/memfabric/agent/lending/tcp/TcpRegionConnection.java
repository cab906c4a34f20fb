package io.memfabric.agent.lending.tcp;

import io.memfabric.agent.lending.RegionConnection;
import io.memfabric.agent.lending.RegionGate;
import io.memfabric.agent.nbd.ExportCatalog;
import io.memfabric.agent.nbd.ExportInfo;
import io.memfabric.agent.nbd.MemoryServer;
import io.memfabric.agent.nbd.Nbd;
import io.memfabric.agent.nbd.PiecedMemory;
import io.memfabric.agent.nbd.ServerHandshake;
import io.memfabric.agent.nbd.tls.DataSecurity;
import io.memfabric.agent.nbd.tls.TlsException;
import io.memfabric.contract.region.RdmaHello;
import io.memfabric.contract.region.RegionSetName;
import io.memfabric.contract.vocabulary.FabricLimits;
import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import jdk.net.ExtendedSocketOptions;
import org.jspecify.annotations.Nullable;

/// One borrower's connection: handshake, then requests, all in one thread.
final class TcpRegionConnection implements RegionConnection {

    private static final System.Logger LOG = System.getLogger(TcpRegionConnection.class.getName());

    private static final PiecedMemory NO_MEMORY = new PiecedMemory(List.of(ByteBuffer.allocate(0)));

    private final SocketChannel channel;
    private final String peer;
    private final RegionGate gate;
    private final DataSecurity.Opening opening;
    private final CountDownLatch ended = new CountDownLatch(1);
    private volatile @Nullable RegionSetName entered;
    private volatile boolean isProbe;

    TcpRegionConnection(SocketChannel channel, RegionGate gate, DataSecurity security) {
        this.channel = channel;
        this.peer = peerOf(channel);
        this.gate = gate;
        this.opening = security.lend(channel);
    }

    void run() {
        try (channel) {
            configure();
            Optional<ExportCatalog.Opened<PiecedMemory>> opened =
                    new ServerHandshake<>(channel, new Catalog(), opening.startTls()).negotiate();
            if (opened.isPresent() && isProbe) {
                new ProbePage(opening.wire()).serve();
            } else if (opened.isPresent()) {
                new MemoryServer(opening.wire(), opened.get().info(), opened.get().export())
                        .serve();
            }
        } catch (TlsException e) {
            LOG.log(
                    System.Logger.Level.INFO,
                    () -> "a borrower at " + peer + ", " + e.getMessage());
        } catch (IOException e) {
            LOG.log(System.Logger.Level.DEBUG, () -> "connection to " + entered + " ended: " + e);
        } finally {
            RegionSetName name = entered;
            if (name != null) {
                gate.leave(name, this);
            }
            ended.countDown();
        }
    }

    private static String peerOf(SocketChannel channel) {
        try {
            return String.valueOf(channel.getRemoteAddress());
        } catch (IOException e) {
            return "an unknown address";
        }
    }

    /// A borrower whose host lost power says no goodbye: the probes end its connection.
    private void configure() throws IOException {
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        channel.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
        channel.setOption(ExtendedSocketOptions.TCP_KEEPIDLE, 15);
        channel.setOption(ExtendedSocketOptions.TCP_KEEPINTERVAL, 5);
        channel.setOption(ExtendedSocketOptions.TCP_KEEPCOUNT, 3);
    }

    /// A lender takes any block size: the memory does not care, and any NBD tool can test it.
    private static ExportInfo infoOf(RegionSetName name) {
        long size = name.regions().size() * FabricLimits.REGION.bytes();
        return ExportInfo.ofManyClients(size, 1, Nbd.MAX_PAYLOAD);
    }

    private final class Catalog implements ExportCatalog<PiecedMemory> {

        @Override
        public Optional<ExportInfo> describe(String name) {
            if (name.equals(RdmaHello.PROBE)) {
                return Optional.of(ProbePage.INFO);
            }
            return parse(name).filter(gate::admits).map(TcpRegionConnection::infoOf);
        }

        @Override
        public Optional<Opened<PiecedMemory>> open(String text, boolean sole) {
            if (text.equals(RdmaHello.PROBE)) {
                isProbe = true;
                return Optional.of(new Opened<>(ProbePage.INFO, NO_MEMORY));
            }
            Optional<RegionSetName> parsed = parse(text);
            if (parsed.isEmpty()) {
                return Optional.empty();
            }
            RegionSetName name = parsed.get();
            List<ByteBuffer> memory = gate.enter(name, sole, TcpRegionConnection.this);
            if (memory.isEmpty()) {
                return Optional.empty();
            }
            entered = name;
            return Optional.of(new Opened<>(infoOf(name), new PiecedMemory(memory)));
        }

        private Optional<RegionSetName> parse(String name) {
            try {
                return Optional.of(RegionSetName.parse(name));
            } catch (IllegalArgumentException e) {
                return Optional.empty();
            }
        }
    }

    void cutIfNotEntered() {
        if (entered == null) {
            cut();
        }
    }

    @Override
    public void cut() {
        try {
            channel.close();
        } catch (IOException e) {
            LOG.log(System.Logger.Level.DEBUG, "closing a borrower's connection", e);
        }
    }

    void awaitEnd() throws InterruptedException {
        ended.await();
    }
}
