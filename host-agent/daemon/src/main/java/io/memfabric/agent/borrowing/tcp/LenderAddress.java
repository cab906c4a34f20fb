package io.memfabric.agent.borrowing.tcp;

import io.memfabric.agent.nbd.ClientHandshake;
import io.memfabric.agent.nbd.ExportInfo;
import io.memfabric.agent.nbd.NbdException;
import io.memfabric.agent.nbd.Wire;
import io.memfabric.agent.nbd.tls.DataSecurity;
import io.memfabric.contract.region.RegionSetName;
import java.io.Closeable;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetSocketAddress;
import java.net.StandardSocketOptions;
import java.nio.channels.SocketChannel;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import jdk.net.ExtendedSocketOptions;

/// Where regions are and how to get in.
///
/// @param regions their names, with their secret
/// @param sizeBytes the size that they must have together
/// @param lenderId the host that must be there
/// @param clock runs what must happen later
/// @param security whether the connection is to be sealed
record LenderAddress(
        UUID lenderId,
        InetSocketAddress address,
        RegionSetName regions,
        long sizeBytes,
        ScheduledExecutorService clock,
        DataSecurity security) {

    private static final int CONNECT_MILLIS = 5_000;

    /// Connects and enters the regions, in at most ten seconds, in a thread of the platform: a socket
    /// that a virtual thread has used once never blocks again (see `SocketChannelImpl`), and whoever
    /// receives from it makes three system calls each time instead of one.
    ///
    /// @throws io.memfabric.agent.nbd.NbdRefusedException where the lender knows no such claim
    /// @throws WrongSizeException where the export is not of the size that it must have
    Wire connect() throws IOException {
        if (!Thread.currentThread().isVirtual()) {
            return connectHere();
        }
        FutureTask<Wire> connecting = new FutureTask<>(this::connectHere);
        Thread.ofPlatform().daemon().name("leg-connect").start(connecting);
        try {
            return connecting.get();
        } catch (InterruptedException e) {
            connecting.cancel(true);
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted on the way to " + address);
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case IOException failed -> throw failed;
                case RuntimeException failed -> throw failed;
                case null, default -> throw new IllegalStateException(e);
            }
        }
    }

    private Wire connectHere() throws IOException {
        if (address.isUnresolved()) {
            throw new IOException("no address for " + address.getHostString());
        }
        SocketChannel channel = SocketChannel.open();
        try {
            configure(channel);
            channel.socket().connect(address, CONNECT_MILLIS);
            DataSecurity.Opening opening = security.borrow(channel, lenderId.toString());
            ScheduledFuture<?> deadline =
                    clock.schedule(
                            () -> quietlyClose(channel), CONNECT_MILLIS, TimeUnit.MILLISECONDS);
            ExportInfo info =
                    new ClientHandshake(channel, opening.startTls()).enterAlone(regions.wire());
            if (!deadline.cancel(false)) {
                throw new NbdException("the lender took too long to let us in");
            }
            if (info.sizeBytes() != sizeBytes) {
                throw new WrongSizeException(
                        "an export of " + info.sizeBytes() + " bytes, not " + sizeBytes);
            }
            return opening.wire();
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    /// A lender whose host lost power says no goodbye: where nothing is under way, probes tell within
    /// five seconds.
    private static void configure(SocketChannel channel) throws IOException {
        channel.setOption(StandardSocketOptions.TCP_NODELAY, true);
        channel.setOption(StandardSocketOptions.SO_KEEPALIVE, true);
        channel.setOption(ExtendedSocketOptions.TCP_KEEPIDLE, 2);
        channel.setOption(ExtendedSocketOptions.TCP_KEEPINTERVAL, 1);
        channel.setOption(ExtendedSocketOptions.TCP_KEEPCOUNT, 3);
    }

    /// The lender serves something else under the region's name.
    static final class WrongSizeException extends NbdException {

        private static final long serialVersionUID = 1;

        WrongSizeException(String message) {
            super(message);
        }
    }

    static void quietlyClose(Closeable channel) {
        try {
            channel.close();
        } catch (IOException e) {
            System.getLogger(LenderAddress.class.getName())
                    .log(System.Logger.Level.DEBUG, "closing a leg", e);
        }
    }

    @Override
    public String toString() {
        return "lender " + address + ", " + regions;
    }
}
