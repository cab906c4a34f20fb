package io.memfabric.agent.nbd;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.charset.CharacterCodingException;
import java.util.Optional;

/// The server's half of a fixed newstyle handshake. The peer may be anybody: it gets 32 options of
/// together 64 KiB, and whoever calls this closes the channel when the time for it is over.
///
/// @param <E> what the server needs to serve an export
public final class ServerHandshake<E> {

    private static final int MAX_OPTIONS = 32;
    private static final int MAX_OPTION_BYTES = 64 << 10;
    private static final int ZEROES_AFTER_EXPORT_NAME = 124;

    private final HandshakeStream stream;
    private final ExportCatalog<E> catalog;
    private final Optional<StartTls> tls;
    private boolean sealed;
    private boolean noZeroes;
    private boolean sole;

    /// A handshake in which nothing is sealed.
    public ServerHandshake(ByteChannel channel, ExportCatalog<E> catalog) {
        this(channel, catalog, Optional.empty());
    }

    /// @param tls how the client must seal the connection before it may ask for anything, if it must
    public ServerHandshake(ByteChannel channel, ExportCatalog<E> catalog, Optional<StartTls> tls) {
        this.stream = new HandshakeStream(channel);
        this.catalog = catalog;
        this.tls = tls;
    }

    /// Negotiates until the client enters an export, or gives up.
    ///
    /// @throws NbdException where the client broke the protocol or a limit
    public Optional<ExportCatalog.Opened<E>> negotiate() throws IOException {
        greet();
        int budget = MAX_OPTION_BYTES;
        for (int i = 0; i < MAX_OPTIONS; i++) {
            ByteBuffer header = stream.read(16);
            if (header.getLong() != Nbd.OPTION_MAGIC) {
                throw new NbdException("not an option");
            }
            int option = header.getInt();
            int length = header.getInt();
            if (length < 0 || length > budget) {
                throw new NbdException("too many bytes of options");
            }
            budget -= length;
            ByteBuffer data = stream.read(length);
            if (tls.isPresent() && !sealed && option != Nbd.OPT_ABORT) {
                beforeTls(tls.get(), option, length);
                continue;
            }
            switch (option) {
                case Nbd.OPT_EXPORT_NAME -> {
                    return Optional.of(enterByName(data));
                }
                case Nbd.OPT_GO -> {
                    Optional<ExportCatalog.Opened<E>> opened = go(data);
                    if (opened.isPresent()) {
                        return opened;
                    }
                }
                case Nbd.OPT_ABORT -> {
                    reply(option, Nbd.REP_ACK);
                    return Optional.empty();
                }
                case Nbd.OPT_INFO -> inform(data);
                // The list is always empty: names of regions hold secrets.
                case Nbd.OPT_LIST -> reply(option, length == 0 ? Nbd.REP_ACK : Nbd.REP_ERR_INVALID);
                case Nbd.OPT_SOLE_CLIENT -> {
                    sole = true;
                    reply(option, Nbd.REP_ACK);
                }
                case Nbd.OPT_STARTTLS ->
                        reply(option, sealed ? Nbd.REP_ERR_INVALID : Nbd.REP_ERR_UNSUP);
                default -> reply(option, Nbd.REP_ERR_UNSUP);
            }
        }
        throw new NbdException("more than " + MAX_OPTIONS + " options");
    }

    /// Answers an option that came in the clear where only sealed ones are heard. What the client
    /// sent behind the one that seals goes to the TLS handshake and breaks it.
    private void beforeTls(StartTls start, int option, int length) throws IOException {
        if (option == Nbd.OPT_EXPORT_NAME) {
            throw new NbdException("an export name in the clear");
        }
        if (option != Nbd.OPT_STARTTLS) {
            reply(option, Nbd.REP_ERR_TLS_REQD);
        } else if (length != 0) {
            reply(option, Nbd.REP_ERR_INVALID);
        } else if (!start.isReady()) {
            reply(option, Nbd.REP_ERR_POLICY);
        } else {
            reply(option, Nbd.REP_ACK);
            stream.continueOn(start.begin());
            sealed = true;
        }
    }

    private void greet() throws IOException {
        stream.write(
                ByteBuffer.allocate(18)
                        .putLong(Nbd.MAGIC)
                        .putLong(Nbd.OPTION_MAGIC)
                        .putShort((short) (Nbd.FIXED_NEWSTYLE | Nbd.NO_ZEROES))
                        .flip());
        int flags = stream.read(4).getInt();
        if ((flags & ~(Nbd.FIXED_NEWSTYLE | Nbd.NO_ZEROES)) != 0) {
            throw new NbdException("unknown client flags");
        }
        noZeroes = (flags & Nbd.NO_ZEROES) != 0;
    }

    /// The oldest way to enter. It has no error reply: an unknown name ends the connection.
    private ExportCatalog.Opened<E> enterByName(ByteBuffer data) throws IOException {
        Optional<ExportCatalog.Opened<E>> opened =
                text(data, data.remaining()).flatMap(name -> catalog.open(name, sole));
        if (opened.isEmpty()) {
            throw new NbdException("unknown export");
        }
        ExportInfo info = opened.get().info();
        ByteBuffer answer = ByteBuffer.allocate(10 + ZEROES_AFTER_EXPORT_NAME);
        answer.putLong(info.sizeBytes()).putShort((short) info.flags());
        answer.limit(noZeroes ? 10 : answer.capacity()).position(0);
        stream.write(answer);
        return opened.get();
    }

    private Optional<ExportCatalog.Opened<E>> go(ByteBuffer data) throws IOException {
        if (!isWellFormed(data)) {
            reply(Nbd.OPT_GO, Nbd.REP_ERR_INVALID);
            return Optional.empty();
        }
        Optional<ExportCatalog.Opened<E>> opened =
                nameIn(data).flatMap(name -> catalog.open(name, sole));
        if (opened.isEmpty()) {
            reply(Nbd.OPT_GO, Nbd.REP_ERR_UNKNOWN);
        } else {
            describe(Nbd.OPT_GO, opened.get().info());
        }
        return opened;
    }

    private void inform(ByteBuffer data) throws IOException {
        if (!isWellFormed(data)) {
            reply(Nbd.OPT_INFO, Nbd.REP_ERR_INVALID);
            return;
        }
        Optional<ExportInfo> info = nameIn(data).flatMap(catalog::describe);
        if (info.isEmpty()) {
            reply(Nbd.OPT_INFO, Nbd.REP_ERR_UNKNOWN);
        } else {
            describe(Nbd.OPT_INFO, info.get());
        }
    }

    /// `nameLength:4 name count:2 count × request:2`
    private static boolean isWellFormed(ByteBuffer data) {
        if (data.remaining() < 6) {
            return false;
        }
        int nameLength = data.getInt(0);
        if (nameLength < 0 || nameLength > Nbd.MAX_STRING || nameLength > data.remaining() - 6) {
            return false;
        }
        int requests = data.getShort(4 + nameLength) & 0xffff;
        return data.remaining() == 6 + nameLength + 2 * requests;
    }

    private static Optional<String> nameIn(ByteBuffer data) {
        return text(data.slice(4, data.remaining() - 4), data.getInt(0));
    }

    /// The string, unless it is too long or not UTF-8: no export has such a name.
    private static Optional<String> text(ByteBuffer data, int length) {
        if (length > Nbd.MAX_STRING) {
            return Optional.empty();
        }
        try {
            return Optional.of(UTF_8.newDecoder().decode(data.slice(0, length)).toString());
        } catch (CharacterCodingException e) {
            return Optional.empty();
        }
    }

    /// All information at once, whether asked for or not: a client ignores what it does not know.
    private void describe(int option, ExportInfo info) throws IOException {
        ByteBuffer answer = ByteBuffer.allocate(20 + 12 + 20 + 14 + 20);
        replyHeader(answer, option, Nbd.REP_INFO, 12);
        answer.putShort((short) Nbd.INFO_EXPORT)
                .putLong(info.sizeBytes())
                .putShort((short) info.flags());
        replyHeader(answer, option, Nbd.REP_INFO, 14);
        answer.putShort((short) Nbd.INFO_BLOCK_SIZE)
                .putInt(info.minBlock())
                .putInt(info.preferredBlock())
                .putInt(info.maxPayload());
        replyHeader(answer, option, Nbd.REP_ACK, 0);
        stream.write(answer.flip());
    }

    private void reply(int option, int type) throws IOException {
        ByteBuffer answer = ByteBuffer.allocate(20);
        replyHeader(answer, option, type, 0);
        stream.write(answer.flip());
    }

    private static void replyHeader(ByteBuffer answer, int option, int type, int length) {
        answer.putLong(Nbd.OPTION_REPLY_MAGIC).putInt(option).putInt(type).putInt(length);
    }
}
