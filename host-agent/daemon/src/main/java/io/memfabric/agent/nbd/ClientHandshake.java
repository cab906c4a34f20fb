package io.memfabric.agent.nbd;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// The client's half of a fixed newstyle handshake: enters one export with GO.
public final class ClientHandshake {

    private static final String TLS_UNAVAILABLE =
            "tls_unavailable: the server does not seal its connections";
    private static final String TLS_REQUIRED =
            "tls_required: the server talks over sealed connections only";
    private static final int MAX_REPLIES = 32;
    private static final int MAX_REPLY_BYTES = 64 << 10;

    private final HandshakeStream stream;
    private final Optional<StartTls> tls;

    /// @param tls how the connection must be sealed before anything is asked for, if it must
    public ClientHandshake(ByteChannel channel, Optional<StartTls> tls) {
        this.stream = new HandshakeStream(channel);
        this.tls = tls;
    }

    /// Enters the export as its only client: when this answers, no request of another connection
    /// can be carried out any more.
    ///
    /// @throws NbdRefusedException where the server does not let us in
    /// @throws NbdException where the server broke the protocol
    public ExportInfo enterAlone(String export) throws IOException {
        greet();
        if (tls.isPresent()) {
            seal(tls.get());
        }
        send(Nbd.OPT_SOLE_CLIENT, ByteBuffer.allocate(0));
        Reply reply = reply(Nbd.OPT_SOLE_CLIENT);
        if (reply.type() != Nbd.REP_ACK) {
            throw refusal(reply, "the server cannot give us an export alone");
        }
        return go(export);
    }

    private void greet() throws IOException {
        ByteBuffer greeting = stream.read(18);
        if (greeting.getLong() != Nbd.MAGIC || greeting.getLong() != Nbd.OPTION_MAGIC) {
            throw new NbdException("not an NBD server");
        }
        int flags = greeting.getShort() & 0xffff;
        if ((flags & Nbd.FIXED_NEWSTYLE) == 0) {
            throw new NbdException("the server does not speak fixed newstyle");
        }
        int ours = Nbd.FIXED_NEWSTYLE | (flags & Nbd.NO_ZEROES);
        stream.write(ByteBuffer.allocate(4).putInt(ours).flip());
    }

    private void seal(StartTls start) throws IOException {
        send(Nbd.OPT_STARTTLS, ByteBuffer.allocate(0));
        Reply reply = reply(Nbd.OPT_STARTTLS);
        if (reply.type() != Nbd.REP_ACK || reply.data().hasRemaining()) {
            throw refusal(reply, TLS_UNAVAILABLE);
        }
        stream.continueOn(start.begin());
    }

    private ExportInfo go(String export) throws IOException {
        byte[] name = export.getBytes(UTF_8);
        send(
                Nbd.OPT_GO,
                ByteBuffer.allocate(8 + name.length)
                        .putInt(name.length)
                        .put(name)
                        .putShort((short) 1)
                        .putShort((short) Nbd.INFO_BLOCK_SIZE)
                        .flip());
        @Nullable ByteBuffer size = null;
        int minBlock = 1;
        int maxPayload = Nbd.MAX_PAYLOAD;
        for (int i = 0; i < MAX_REPLIES; i++) {
            Reply reply = reply(Nbd.OPT_GO);
            if (reply.type() == Nbd.REP_ACK) {
                return info(size, minBlock, maxPayload);
            }
            if (reply.type() != Nbd.REP_INFO || reply.data().remaining() < 2) {
                throw refusal(reply, "the server does not serve this export");
            }
            ByteBuffer data = reply.data();
            int type = data.getShort() & 0xffff;
            if (type == Nbd.INFO_EXPORT && data.remaining() == 10) {
                size = data;
            } else if (type == Nbd.INFO_BLOCK_SIZE && data.remaining() == 12) {
                minBlock = data.getInt();
                data.getInt();
                maxPayload = data.getInt();
            }
        }
        throw new NbdException("the server does not stop describing its export");
    }

    private static ExportInfo info(@Nullable ByteBuffer size, int minBlock, int maxPayload)
            throws NbdException {
        if (size == null) {
            throw new NbdException("the server does not tell the export's size");
        }
        long bytes = size.getLong();
        int flags = size.getShort() & 0xffff;
        int longest = maxPayload < 0 ? Nbd.MAX_PAYLOAD : maxPayload;
        if (bytes < 0 || minBlock < 1 || longest < minBlock) {
            throw new NbdException("the server tells impossible sizes");
        }
        return new ExportInfo(bytes, flags, minBlock, longest);
    }

    private void send(int option, ByteBuffer data) throws IOException {
        ByteBuffer frame = ByteBuffer.allocate(16 + data.remaining());
        frame.putLong(Nbd.OPTION_MAGIC).putInt(option).putInt(data.remaining()).put(data);
        stream.write(frame.flip());
    }

    private record Reply(int option, int type, ByteBuffer data) {}

    private Reply reply(int option) throws IOException {
        ByteBuffer header = stream.read(20);
        if (header.getLong() != Nbd.OPTION_REPLY_MAGIC || header.getInt() != option) {
            throw new NbdException("not the reply to our option");
        }
        int type = header.getInt();
        int length = header.getInt();
        if (length < 0 || length > MAX_REPLY_BYTES) {
            throw new NbdException("an option reply of impossible length");
        }
        return new Reply(option, type, stream.read(length));
    }

    private static NbdException refusal(Reply reply, String message) {
        if (reply.type() == Nbd.REP_ERR_TLS_REQD) {
            return new NbdRefusedException(reply.option(), reply.type(), TLS_REQUIRED);
        }
        return reply.type() < 0
                ? new NbdRefusedException(reply.option(), reply.type(), message)
                : new NbdException("an unexpected option reply");
    }
}
