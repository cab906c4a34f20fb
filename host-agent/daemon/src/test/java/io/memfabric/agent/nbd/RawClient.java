package io.memfabric.agent.nbd;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.EOFException;
import java.io.IOException;
import java.net.SocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;

/// The simplest NBD client: it builds every byte itself, so that tests can send wrong ones, and it
/// shares no code with the servers under test but the numbers.
public final class RawClient implements AutoCloseable {

    private final SocketChannel channel;
    private long cookie = 0xabcdef0000000000L;

    /// A reply as it came.
    public record Reply(int error, long cookie, ByteBuffer data) {}

    public RawClient(SocketAddress address) throws IOException {
        channel = SocketChannel.open(address);
    }

    /// Connects and enters an export with GO.
    public static RawClient entered(SocketAddress address, String export) throws IOException {
        RawClient client = new RawClient(address);
        client.greet();
        return client.enter(export);
    }

    /// Connects and enters as the only client: every other one is gone when this answers.
    public static RawClient enteredAlone(SocketAddress address, String export) throws IOException {
        RawClient client = new RawClient(address);
        client.greet();
        client.send(option(Nbd.OPT_SOLE_CLIENT, new byte[0]));
        client.optionReply();
        return client.enter(export);
    }

    private RawClient enter(String export) throws IOException {
        send(goOption(Nbd.OPT_GO, export));
        int type;
        do {
            type = optionReply();
        } while (type == Nbd.REP_INFO);
        if (type != Nbd.REP_ACK) {
            close();
            throw new IOException("refused: " + Integer.toHexString(type));
        }
        return this;
    }

    /// Takes the greeting and answers it.
    public void greet() throws IOException {
        receive(18);
        send(ByteBuffer.allocate(4).putInt(Nbd.FIXED_NEWSTYLE | Nbd.NO_ZEROES).flip());
    }

    public static ByteBuffer option(int option, byte[] data) {
        return ByteBuffer.allocate(16 + data.length)
                .putLong(Nbd.OPTION_MAGIC)
                .putInt(option)
                .putInt(data.length)
                .put(data)
                .flip();
    }

    public static ByteBuffer goOption(int option, String export) {
        byte[] name = export.getBytes(UTF_8);
        ByteBuffer data = ByteBuffer.allocate(6 + name.length);
        data.putInt(name.length).put(name).putShort((short) 0);
        return option(option, data.array());
    }

    public static ByteBuffer request(
            int flags, int command, long cookie, long offset, int length, byte[] payload) {
        return ByteBuffer.allocate(28 + payload.length)
                .putInt(Nbd.REQUEST_MAGIC)
                .putShort((short) flags)
                .putShort((short) command)
                .putLong(cookie)
                .putLong(offset)
                .putInt(length)
                .put(payload)
                .flip();
    }

    /// Takes an option reply and drops its data.
    public int optionReply() throws IOException {
        ByteBuffer header = receive(20);
        header.position(12);
        int type = header.getInt();
        receive(header.getInt());
        return type;
    }

    public void send(ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    /// Takes so many bytes.
    ///
    /// @throws EOFException where the server closed
    public ByteBuffer receive(int length) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(length);
        while (bytes.hasRemaining()) {
            if (channel.read(bytes) < 0) {
                throw new EOFException();
            }
        }
        return bytes.flip();
    }

    /// Takes a reply whose data, if it has no error, is so long.
    public Reply reply(int dataLength) throws IOException {
        ByteBuffer header = receive(16);
        if (header.getInt() != Nbd.REPLY_MAGIC) {
            throw new IOException("not a reply");
        }
        int error = header.getInt();
        return new Reply(error, header.getLong(), receive(error == 0 ? dataLength : 0));
    }

    public Reply read(long offset, int length) throws IOException {
        send(request(0, Nbd.CMD_READ, ++cookie, offset, length, new byte[0]));
        return mine(reply(length));
    }

    public int write(long offset, byte[] data) throws IOException {
        send(request(0, Nbd.CMD_WRITE, ++cookie, offset, data.length, data));
        return mine(reply(0)).error();
    }

    public int command(int command, long offset, int length) throws IOException {
        send(request(0, command, ++cookie, offset, length, new byte[0]));
        return mine(reply(0)).error();
    }

    private Reply mine(Reply reply) throws IOException {
        if (reply.cookie() != cookie) {
            throw new IOException("the reply to another request");
        }
        return reply;
    }

    /// Whether the server closes without another byte.
    public boolean isClosedByPeer() {
        try {
            return channel.read(ByteBuffer.allocate(1)) < 0;
        } catch (IOException e) {
            return true;
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
