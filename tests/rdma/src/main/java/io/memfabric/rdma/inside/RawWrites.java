package io.memfabric.rdma.inside;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.StandardProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.DatagramChannel;
import java.util.zip.CRC32;
import jdk.net.ExtendedSocketOptions;

/// Writes as they are on the wire, made by hand: what a network delivers late, or what somebody
/// recorded and sends again. No queue pair of this host has anything to do with them.
///
/// Reliable connection, "RDMA WRITE only", RoCE v2: InfiniBand Architecture Specification, volume 1,
/// chapter 9 (headers, invariant CRC) and annex A17.
final class RawWrites implements AutoCloseable {

    private static final int PORT = 4791;
    private static final int WRITE_ONLY = 0x0a;
    private static final int IP_HEADER = 20;
    private static final int UDP_HEADER = 8;
    private static final int TRANSPORT_HEADER = 12;
    private static final int REMOTE_HEADER = 16;
    private static final int CRC = 4;

    /// How much one of them writes.
    static final int BYTES = 64;

    private static final int DATAGRAM = TRANSPORT_HEADER + REMOTE_HEADER + BYTES + CRC;

    private final DatagramChannel channel;
    private final InetSocketAddress from;
    private final InetSocketAddress to;

    /// Where a request goes.
    ///
    /// @param queuePair the receiver's
    /// @param key the receiver's
    record Target(int queuePair, long address, int key) {}

    RawWrites(String from, String to) throws IOException {
        channel = DatagramChannel.open(StandardProtocolFamily.INET);
        channel.bind(new InetSocketAddress(from, 0));
        // The header's identification goes into the CRC; it is zero where nothing is cut up.
        channel.setOption(ExtendedSocketOptions.IP_DONTFRAGMENT, true);
        this.from = (InetSocketAddress) channel.getLocalAddress();
        this.to = new InetSocketAddress(to, PORT);
    }

    /// Sends one.
    ///
    /// @param number the packet's sequence number; the receiver takes the one that it expects
    void send(Target target, int number, long word) throws IOException {
        ByteBuffer packet = ByteBuffer.allocate(DATAGRAM);
        packet.put((byte) WRITE_ONLY).put((byte) 0).putShort((short) 0xffff);
        packet.putInt(target.queuePair()).putInt(number & 0xffffff);
        packet.putLong(target.address()).putInt(target.key()).putInt(BYTES);
        for (int i = 0; i < BYTES / Long.BYTES; i++) {
            packet.putLong(word);
        }
        packet.order(ByteOrder.LITTLE_ENDIAN).putInt(invariantCrc(packet.array())).flip();
        while (channel.send(packet, to) == 0) {
            Thread.onSpinWait();
        }
    }

    /// Of everything that no router changes; what one may change counts as ones.
    private int invariantCrc(byte[] packet) {
        ByteBuffer headers = ByteBuffer.allocate(8 + IP_HEADER + UDP_HEADER);
        headers.putLong(-1);
        headers.put((byte) 0x45).put((byte) -1);
        headers.putShort((short) (IP_HEADER + UDP_HEADER + DATAGRAM));
        headers.putShort((short) 0).putShort((short) 0x4000);
        headers.put((byte) -1).put((byte) 17).putShort((short) -1);
        headers.put(from.getAddress().getAddress()).put(to.getAddress().getAddress());
        headers.putShort((short) from.getPort()).putShort((short) PORT);
        headers.putShort((short) (UDP_HEADER + DATAGRAM)).putShort((short) -1);
        CRC32 crc = new CRC32();
        crc.update(headers.flip());
        crc.update(packet, 0, 4);
        crc.update(0xff);
        crc.update(packet, 5, DATAGRAM - CRC - 5);
        return (int) crc.getValue();
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
