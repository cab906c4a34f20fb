package io.memfabric.system;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.EOFException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;

/// An NBD client that behaves as QEMU's does: sixteen requests in flight; when the connection ends it
/// connects again and sends again what was not answered. Every word of a page that it writes says
/// which page and which write, and every page that it reads is compared with what was written last.
final class PageClient implements AutoCloseable {

    static final int PAGE = 4096;
    private static final int IN_FLIGHT = 16;
    private static final long OPTION_MAGIC = 0x49484156454F5054L;
    private static final int REQUEST_MAGIC = 0x25609513;
    private static final int REPLY_MAGIC = 0x67446698;
    private static final int READ = 0;
    private static final int WRITE = 1;

    private final Path socket;
    private final String export;
    private final long[] versions;
    private final SplittableRandom random;
    private final ByteBuffer frame = ByteBuffer.allocateDirect(28 + PAGE);
    private final ByteBuffer reply = ByteBuffer.allocateDirect(16);
    private final ByteBuffer page = ByteBuffer.allocateDirect(PAGE);
    private SocketChannel channel;
    private long cookie;

    long pagesRead;
    long pagesWritten;
    long wrongPages;
    long errors;

    /// From the loss of each connection to the first answer after it, in nanoseconds.
    final List<Long> pauses = new ArrayList<>();

    private volatile long longestWait;

    private record Request(int command, int page, long version) {}

    PageClient(Path socket, String export, int pages, long seed) throws IOException {
        this.socket = socket;
        this.export = export;
        this.versions = new long[pages];
        this.random = new SplittableRandom(seed);
        this.channel = connect();
    }

    /// Has sixteen random pages read or written and waits for all of the answers.
    void round() throws IOException {
        Map<Long, Request> open = new LinkedHashMap<>();
        Map<Integer, Boolean> taken = new LinkedHashMap<>();
        while (open.size() < IN_FLIGHT) {
            int at = random.nextInt(versions.length);
            if (taken.putIfAbsent(at, true) == null) {
                boolean write = random.nextInt(10) < 4;
                open.put(
                        ++cookie,
                        new Request(write ? WRITE : READ, at, versions[at] + (write ? 1 : 0)));
            }
        }
        carryOut(open);
    }

    /// The longest wait for an answer since this was asked last, in nanoseconds.
    long takeLongestWait() {
        long longest = longestWait;
        longestWait = 0;
        return longest;
    }

    /// Writes every page once.
    void writeAll() throws IOException {
        for (int from = 0; from < versions.length; from += IN_FLIGHT) {
            Map<Long, Request> open = new LinkedHashMap<>();
            for (int at = from; at < Math.min(from + IN_FLIGHT, versions.length); at++) {
                open.put(++cookie, new Request(WRITE, at, versions[at] + 1));
            }
            carryOut(open);
        }
    }

    /// Reads every page once.
    void readAll() throws IOException {
        for (int from = 0; from < versions.length; from += IN_FLIGHT) {
            Map<Long, Request> open = new LinkedHashMap<>();
            for (int at = from; at < Math.min(from + IN_FLIGHT, versions.length); at++) {
                open.put(++cookie, new Request(READ, at, versions[at]));
            }
            carryOut(open);
        }
    }

    private void carryOut(Map<Long, Request> open) throws IOException {
        long lostAt = 0;
        boolean sent = false;
        while (!open.isEmpty()) {
            try {
                if (!sent) {
                    for (Map.Entry<Long, Request> request : open.entrySet()) {
                        send(request.getKey(), request.getValue());
                    }
                    sent = true;
                }
                long before = System.nanoTime();
                receive(open);
                longestWait = Math.max(longestWait, System.nanoTime() - before);
                if (lostAt != 0) {
                    pauses.add(System.nanoTime() - lostAt);
                    lostAt = 0;
                }
            } catch (IOException e) {
                lostAt = lostAt == 0 ? System.nanoTime() : lostAt;
                sent = false;
                channel.close();
                channel = connect();
            }
        }
    }

    private void send(long id, Request request) throws IOException {
        frame.clear().putInt(REQUEST_MAGIC).putShort((short) 0).putShort((short) request.command());
        frame.putLong(id).putLong((long) request.page() * PAGE).putInt(PAGE);
        if (request.command() == WRITE) {
            for (int word = 0; word < PAGE / Long.BYTES; word++) {
                frame.putLong(stamp(request.page(), request.version(), word));
            }
        }
        frame.flip();
        while (frame.hasRemaining()) {
            channel.write(frame);
        }
    }

    private void receive(Map<Long, Request> open) throws IOException {
        fill(reply.clear());
        if (reply.getInt(0) != REPLY_MAGIC) {
            throw new IllegalStateException("not a reply");
        }
        Request request = open.get(reply.getLong(8));
        if (request == null) {
            throw new IllegalStateException("a reply to no request");
        }
        if (reply.getInt(4) != 0) {
            errors++;
        } else if (request.command() == READ) {
            fill(page.clear());
            check(request);
        } else {
            versions[request.page()] = request.version();
            pagesWritten++;
        }
        open.remove(reply.getLong(8));
    }

    private void check(Request request) {
        pagesRead++;
        for (int word = 0; word < PAGE / Long.BYTES; word++) {
            if (page.getLong(word * Long.BYTES) != stamp(request.page(), request.version(), word)) {
                wrongPages++;
                return;
            }
        }
    }

    private static long stamp(int page, long version, int word) {
        return version == 0
                ? 0
                : ((long) page << 40 ^ version << 9 ^ word) * 0x9E3779B97F4A7C15L | 1;
    }

    private void fill(ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            if (channel.read(bytes) < 0) {
                throw new EOFException("the server closed");
            }
        }
    }

    /// Connects however often it takes; where the socket is held outside, the first try succeeds.
    private SocketChannel connect() throws IOException {
        long end = System.nanoTime() + 60_000_000_000L;
        while (true) {
            SocketChannel fresh = SocketChannel.open(StandardProtocolFamily.UNIX);
            try {
                fresh.connect(UnixDomainSocketAddress.of(socket));
                channel = fresh;
                negotiate(fresh);
                return fresh;
            } catch (IOException e) {
                fresh.close();
                if (System.nanoTime() - end > 0) {
                    throw new IllegalStateException("no server for a minute", e);
                }
                Thread.onSpinWait();
            }
        }
    }

    private void negotiate(SocketChannel with) throws IOException {
        fill(ByteBuffer.allocate(18));
        byte[] name = export.getBytes(US_ASCII);
        ByteBuffer words = ByteBuffer.allocate(4 + 16 + name.length);
        words.putInt(3).putLong(OPTION_MAGIC).putInt(1).putInt(name.length).put(name).flip();
        while (words.hasRemaining()) {
            with.write(words);
        }
        ByteBuffer answer = ByteBuffer.allocate(10);
        fill(answer);
        if (answer.getLong(0) != (long) versions.length * PAGE) {
            throw new IllegalStateException("the device has another size: " + answer.getLong(0));
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
