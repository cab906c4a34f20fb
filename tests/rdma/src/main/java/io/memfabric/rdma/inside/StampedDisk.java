package io.memfabric.rdma.inside;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.memfabric.agent.borrowing.ExportedDisk;
import java.io.EOFException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/// The NBD client of a device, with sixteen requests in flight as QEMU has. Every word of a page that
/// it writes says which page and which write, and every page that it reads is compared with what was
/// written last.
final class StampedDisk implements AutoCloseable {

    static final int PAGE = 4096;
    private static final int IN_FLIGHT = 16;
    private static final long OPTION_MAGIC = 0x49484156454F5054L;
    private static final int REQUEST_MAGIC = 0x25609513;
    private static final int REPLY_MAGIC = 0x67446698;

    private final SocketChannel channel;
    private final int[] versions;
    private final Random random;
    private long cookie;
    private int version;

    private record Request(boolean write, int page, int pages) {}

    private StampedDisk(SocketChannel channel, int pages, long seed) {
        this.channel = channel;
        this.versions = new int[pages];
        this.random = new Random(seed);
    }

    static StampedDisk open(ExportedDisk disk, long seed) throws IOException {
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        int pages = (int) (disk.sizeBytes() / PAGE);
        StampedDisk opened = new StampedDisk(channel, pages, seed);
        channel.connect(UnixDomainSocketAddress.of(disk.socket()));
        opened.receive(18);
        byte[] name = disk.exportName().getBytes(US_ASCII);
        ByteBuffer words = ByteBuffer.allocate(20 + name.length);
        words.putInt(3).putLong(OPTION_MAGIC).putInt(1).putInt(name.length).put(name).flip();
        opened.send(words);
        if (opened.receive(10).getLong() != disk.sizeBytes()) {
            throw new IOException("the device has another size");
        }
        return opened;
    }

    int pages() {
        return versions.length;
    }

    /// Writes every page anew, 64 KiB a request.
    void writeAll() throws IOException {
        all(true);
    }

    /// Reads every page and compares it, 64 KiB a request.
    void readAll() throws IOException {
        all(false);
    }

    private void all(boolean write) throws IOException {
        List<Request> batch = new ArrayList<>();
        for (int page = 0; page < versions.length; page += 16) {
            batch.add(new Request(write, page, 16));
            if (batch.size() == IN_FLIGHT) {
                carryOut(batch);
                batch.clear();
            }
        }
        carryOut(batch);
    }

    /// Sixteen single pages, some written, the others read.
    void round() throws IOException {
        List<Integer> pages = new ArrayList<>();
        while (pages.size() < IN_FLIGHT) {
            int page = random.nextInt(versions.length);
            if (!pages.contains(page)) {
                pages.add(page);
            }
        }
        Collections.sort(pages);
        List<Request> batch = new ArrayList<>();
        for (int i = 0; i < IN_FLIGHT; i++) {
            batch.add(new Request(i < 6, pages.get(i), 1));
        }
        carryOut(batch);
    }

    /// Writes come first: once they are sent nothing that is sent is large, and no side waits for the
    /// other to read.
    private void carryOut(List<Request> batch) throws IOException {
        version++;
        Map<Long, Request> open = new HashMap<>();
        for (Request request : batch) {
            open.put(++cookie, request);
            send(frame(request));
        }
        while (!open.isEmpty()) {
            ByteBuffer reply = receive(16);
            if (reply.getInt() != REPLY_MAGIC) {
                throw new IOException("not a reply");
            }
            int error = reply.getInt();
            Request request = open.remove(reply.getLong());
            if (error != 0 || request == null) {
                throw new IOException("error " + error + " for " + request);
            }
            if (!request.write()) {
                compare(request, receive(request.pages() * PAGE));
            }
        }
    }

    private ByteBuffer frame(Request request) {
        int bytes = request.pages() * PAGE;
        ByteBuffer frame = ByteBuffer.allocate(28 + (request.write() ? bytes : 0));
        frame.putInt(REQUEST_MAGIC).putShort((short) 0).putShort((short) (request.write() ? 1 : 0));
        frame.putLong(cookie).putLong((long) request.page() * PAGE).putInt(bytes);
        if (request.write()) {
            for (int page = request.page(); page < request.page() + request.pages(); page++) {
                versions[page] = version;
                for (int word = 0; word < PAGE / Long.BYTES; word++) {
                    frame.putLong(stamp(page, version, word));
                }
            }
        }
        return frame.flip();
    }

    private void compare(Request request, ByteBuffer data) throws IOException {
        for (int page = request.page(); page < request.page() + request.pages(); page++) {
            for (int word = 0; word < PAGE / Long.BYTES; word++) {
                if (data.getLong() != stamp(page, versions[page], word)) {
                    throw new IOException("page %d, word %d is wrong".formatted(page, word));
                }
            }
        }
    }

    private static long stamp(int page, int version, int word) {
        return version == 0 ? 0 : ((long) page << 40) | ((long) version << 9) | word;
    }

    private void send(ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    private ByteBuffer receive(int length) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(length);
        while (bytes.hasRemaining()) {
            if (channel.read(bytes) < 0) {
                throw new EOFException("the device closed");
            }
        }
        return bytes.flip();
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }
}
