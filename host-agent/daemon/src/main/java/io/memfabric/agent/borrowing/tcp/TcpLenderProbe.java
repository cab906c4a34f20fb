package io.memfabric.agent.borrowing.tcp;

import io.memfabric.agent.borrowing.BorrowingException;
import io.memfabric.agent.borrowing.Leg;
import io.memfabric.agent.borrowing.LenderProbe;
import io.memfabric.agent.nbd.ClientHandshake;
import io.memfabric.agent.nbd.Nbd;
import io.memfabric.agent.nbd.ReplyHeader;
import io.memfabric.agent.nbd.RequestHeader;
import io.memfabric.agent.nbd.Wire;
import io.memfabric.agent.nbd.tls.DataSecurity;
import io.memfabric.contract.agent.LenderPlace;
import io.memfabric.contract.region.RdmaHello;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/// Measures the way to lenders over TCP, sealed as legs are.
public final class TcpLenderProbe implements LenderProbe {

    private static final int PAGE = 4096;
    private static final int CONNECT_MILLIS = 2_000;

    /// All of it: a lender that stops in the middle holds up the others.
    private static final int DEADLINE_SECONDS = 5;

    private final DataSecurity security;
    private final ScheduledExecutorService clock =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().daemon().name("probe-clock").factory());

    /// @param security whether connections are sealed
    public TcpLenderProbe(DataSecurity security) {
        this.security = security;
    }

    @Override
    public long[] measure(LenderPlace lender, int samples) throws BorrowingException {
        String address = lender.dataAddress();
        int colon = address.lastIndexOf(':');
        try (SocketChannel channel = SocketChannel.open()) {
            var deadline =
                    clock.schedule(
                            () -> LenderAddress.quietlyClose(channel),
                            DEADLINE_SECONDS,
                            TimeUnit.SECONDS);
            try {
                channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
                InetSocketAddress peer =
                        new InetSocketAddress(
                                address.substring(0, colon),
                                Integer.parseInt(address.substring(colon + 1)));
                if (peer.isUnresolved()) {
                    throw new IOException("no address for " + peer.getHostString());
                }
                channel.socket().connect(peer, CONNECT_MILLIS);
                DataSecurity.Opening opening = security.borrow(channel, lender.hostId().toString());
                var _ =
                        new ClientHandshake(channel, opening.startTls())
                                .enterAlone(RdmaHello.PROBE);
                return reads(opening.wire(), samples);
            } finally {
                deadline.cancel(false);
            }
        } catch (IOException e) {
            throw new BorrowingException(
                    Leg.UNREACHABLE,
                    "the way to lender " + lender.hostId() + " cannot be measured over TCP",
                    e);
        }
    }

    private static long[] reads(Wire wire, int samples) throws IOException {
        long[] nanos = new long[samples];
        ByteBuffer request = ByteBuffer.allocate(RequestHeader.BYTES);
        ByteBuffer answer = ByteBuffer.allocate(ReplyHeader.BYTES + PAGE);
        for (int i = 0; i < samples; i++) {
            RequestHeader.write(request, 0, Nbd.CMD_READ, i + 1L, 0, PAGE);
            request.clear();
            answer.clear();
            long start = System.nanoTime();
            while (request.hasRemaining()) {
                wire.write(request);
            }
            while (answer.hasRemaining()) {
                if (wire.read(answer) < 0) {
                    throw new EOFException("the lender closed");
                }
            }
            nanos[i] = System.nanoTime() - start;
            if (ReplyHeader.cookie(answer, 0) != i + 1L || ReplyHeader.error(answer, 0) != Nbd.OK) {
                throw new IOException("an answer to no request");
            }
        }
        return nanos;
    }
}
