package io.memfabric.broker.testbed;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/// Stands between a broker and PostgreSQL, reads what the broker says, and cuts the connection of a
/// chosen transaction at its COMMIT.
public final class CommitCutter implements AutoCloseable {

    /// Where the connection is cut.
    public enum Moment {
        /// The server never gets the COMMIT.
        BEFORE,
        /// The server has committed, and the broker never hears of it.
        AFTER
    }

    private static final int STARTUP_BYTES = 8;

    /// @param bytes the bytes of the parameter, as the characters of ISO 8859-1
    private record Order(Moment moment, String text, String bytes) {}

    private final ServerSocket door;
    private final int server;
    private final AtomicReference<@Nullable Order> order = new AtomicReference<>();
    private final AtomicInteger cuts = new AtomicInteger();

    public CommitCutter(int serverPort) throws IOException {
        this.server = serverPort;
        this.door = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(this::welcome);
    }

    public int port() {
        return door.getLocalPort();
    }

    /// Cuts the next transaction, once, that names this text in a statement or a parameter.
    public void cut(Moment moment, String named) {
        order.set(new Order(moment, named, named));
    }

    /// Cuts the next transaction, once, that has this identity as a parameter.
    public void cut(Moment moment, UUID named) {
        order.set(
                new Order(
                        moment,
                        named.toString(),
                        new String(
                                ByteBuffer.allocate(2 * Long.BYTES)
                                        .putLong(named.getMostSignificantBits())
                                        .putLong(named.getLeastSignificantBits())
                                        .array(),
                                StandardCharsets.ISO_8859_1)));
    }

    /// How many connections were cut so far.
    public int cuts() {
        return cuts.get();
    }

    @Override
    public void close() throws IOException {
        door.close();
    }

    private void welcome() {
        while (!door.isClosed()) {
            try {
                Socket broker = door.accept();
                Socket postgres = new Socket(InetAddress.getLoopbackAddress(), server);
                broker.setTcpNoDelay(true);
                postgres.setTcpNoDelay(true);
                Line line = new Line(broker, postgres);
                Thread.ofVirtual().start(line::carryQuestions);
                Thread.ofVirtual().start(line::carryAnswers);
            } catch (IOException e) {
                // A broker that went away again, or the end.
            }
        }
    }

    /// One connection, message by message: a type, the length and the rest.
    private final class Line {
        private final Socket broker;
        private final Socket postgres;
        private final Map<String, String> statements = new HashMap<>();
        private @Nullable Order met;
        private volatile boolean lastAnswerIsKept;

        Line(Socket broker, Socket postgres) {
            this.broker = broker;
            this.postgres = postgres;
        }

        void carryQuestions() {
            try (broker;
                    postgres) {
                DataInputStream in = new DataInputStream(broker.getInputStream());
                OutputStream out = postgres.getOutputStream();
                startUp(in, out);
                for (; ; ) {
                    byte type = in.readByte();
                    int length = in.readInt();
                    byte[] rest = new byte[length - Integer.BYTES];
                    in.readFully(rest);
                    if (isCommit(type, new String(rest, StandardCharsets.ISO_8859_1))) {
                        Order ordered = met;
                        met = null;
                        if (ordered != null && order.compareAndSet(ordered, null)) {
                            cuts.incrementAndGet();
                            if (ordered.moment == Moment.BEFORE) {
                                return;
                            }
                            lastAnswerIsKept = true;
                        }
                    }
                    out.write(
                            ByteBuffer.allocate(1 + length)
                                    .put(type)
                                    .putInt(length)
                                    .put(rest)
                                    .array());
                }
            } catch (IOException e) {
                // One side has ended it.
            }
        }

        /// The first message has no type. The URL asks for no encryption, so there is but one.
        private void startUp(DataInputStream in, OutputStream out) throws IOException {
            int length = in.readInt();
            byte[] rest = new byte[length - Integer.BYTES];
            in.readFully(rest);
            if (length <= STARTUP_BYTES) {
                throw new IOException("the broker asks for encryption");
            }
            out.write(ByteBuffer.allocate(length).putInt(length).put(rest).array());
        }

        /// Whether a message makes the server commit: a simple query, or the binding of a statement
        /// that was prepared before. On the way, whether the transaction is the chosen one.
        private boolean isCommit(byte type, String message) {
            String said =
                    switch (type) {
                        case 'Q' -> text(message, 0);
                        case 'P' -> {
                            String name = text(message, 0);
                            statements.put(name, text(message, name.length() + 1));
                            yield "";
                        }
                        case 'B' -> {
                            int name = text(message, 0).length() + 1;
                            yield statements.getOrDefault(text(message, name), "");
                        }
                        default -> "";
                    };
            if (said.equals("BEGIN") || said.equals("ROLLBACK")) {
                met = null;
            }
            Order wanted = order.get();
            if (wanted != null
                    && (message.contains(wanted.text) || message.contains(wanted.bytes))) {
                met = wanted;
            }
            return said.equals("COMMIT");
        }

        void carryAnswers() {
            try (broker;
                    postgres) {
                InputStream in = postgres.getInputStream();
                OutputStream out = broker.getOutputStream();
                byte[] some = new byte[1 << 16];
                StringBuilder kept = new StringBuilder();
                for (int n; (n = in.read(some)) > 0; ) {
                    if (lastAnswerIsKept) {
                        kept.append(new String(some, 0, n, StandardCharsets.ISO_8859_1));
                        if (kept.indexOf("COMMIT\0") >= 0) {
                            return;
                        }
                    } else {
                        out.write(some, 0, n);
                    }
                }
            } catch (IOException e) {
                // One side has ended it.
            }
        }
    }

    private static String text(String message, int from) {
        return message.substring(from, message.indexOf('\0', from));
    }
}
