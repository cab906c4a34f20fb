package io.memfabric.agent.nbd;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketException;
import java.nio.ByteBuffer;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSocket;

/// A client that can seal its connection, or try to, and shares no code with the server under test
/// but the numbers.
public final class TlsClient implements AutoCloseable {

    private static final int PATIENCE_MILLIS = 20_000;

    private final Socket socket;
    private DataInputStream in;
    private OutputStream out;

    /// Connects and exchanges greetings.
    public TlsClient(InetSocketAddress address) throws IOException {
        socket = new Socket(address.getAddress(), address.getPort());
        socket.setTcpNoDelay(true);
        socket.setSoTimeout(PATIENCE_MILLIS);
        in = new DataInputStream(socket.getInputStream());
        out = socket.getOutputStream();
        in.readFully(new byte[18]);
        send(new byte[] {0, 0, 0, 3});
    }

    public void send(byte[] bytes) throws IOException {
        out.write(bytes);
        out.flush();
    }

    public void endOutput() throws IOException {
        socket.shutdownOutput();
    }

    /// Ends the connection where the server does not expect it.
    public void cutBelowTls() throws IOException {
        socket.close();
    }

    public int startTls() throws IOException {
        return option(Nbd.OPT_STARTTLS, new byte[0]);
    }

    public int option(int option, byte[] data) throws IOException {
        sendOption(option, data);
        return reply();
    }

    public void sendOption(int option, byte[] data) throws IOException {
        send(RawClient.option(option, data).array());
    }

    /// Sends two options in one piece: one without data and one that names an export.
    public void sendOptions(int first, int second, String export) throws IOException {
        ByteBuffer one = RawClient.option(first, new byte[0]);
        ByteBuffer two = RawClient.goOption(second, export);
        send(ByteBuffer.allocate(one.remaining() + two.remaining()).put(one).put(two).array());
    }

    /// Enters an export; answers the last reply's type.
    public int enter(String export) throws IOException {
        send(RawClient.goOption(Nbd.OPT_GO, export).array());
        int type;
        do {
            type = reply();
        } while (type == Nbd.REP_INFO);
        return type;
    }

    public int reply() throws IOException {
        byte[] header = new byte[20];
        in.readFully(header);
        ByteBuffer fields = ByteBuffer.wrap(header);
        if (fields.getLong() != Nbd.OPTION_REPLY_MAGIC) {
            throw new IOException("not an option reply");
        }
        int type = fields.getInt(12);
        in.readFully(new byte[fields.getInt(16)]);
        return type;
    }

    /// Seals the connection.
    public void seal(SSLContext context, String protocol) throws IOException {
        SSLSocket sealed =
                (SSLSocket) context.getSocketFactory().createSocket(socket, "lender", 1, true);
        sealed.setUseClientMode(true);
        sealed.setEnabledProtocols(new String[] {protocol});
        sealed.startHandshake();
        in = new DataInputStream(sealed.getInputStream());
        out = sealed.getOutputStream();
    }

    public byte[] read(long offset, int length) throws IOException {
        send(RawClient.request(0, Nbd.CMD_READ, 1, offset, length, new byte[0]).array());
        byte[] data = new byte[length];
        if (error() == 0) {
            in.readFully(data);
        }
        return data;
    }

    public int write(long offset, byte[] data) throws IOException {
        send(RawClient.request(0, Nbd.CMD_WRITE, 2, offset, data.length, data).array());
        return error();
    }

    /// Sends a write's header and the first half of its data.
    public void sendHalfAWrite(long offset, byte[] data) throws IOException {
        ByteBuffer request = RawClient.request(0, Nbd.CMD_WRITE, 3, offset, data.length, data);
        byte[] half = new byte[28 + data.length / 2];
        request.get(half);
        send(half);
    }

    private int error() throws IOException {
        if (in.readInt() != Nbd.REPLY_MAGIC) {
            throw new IOException("not a reply");
        }
        int error = in.readInt();
        in.readLong();
        return error;
    }

    /// Everything that the server still says until it closes.
    public byte[] rest() throws IOException {
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        try {
            for (int next = in.read(); next >= 0; next = in.read()) {
                said.write(next);
            }
        } catch (EOFException | SocketException e) {
            said.writeBytes("".getBytes(US_ASCII));
        }
        return said.toByteArray();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
