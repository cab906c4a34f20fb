package io.memfabric.agent.borrowing.tcp;

import io.memfabric.agent.borrowing.Requests;
import io.memfabric.agent.nbd.Nbd;
import io.memfabric.agent.nbd.RequestHeader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;

/// The requests that go out together. Their frames lie in the memory into which they were received;
/// those that lie one behind the other go out as one run, and all runs in one call.
///
/// A leg that shares its requests with another has headers of its own: a page lies elsewhere in the
/// other's regions, so the two cannot send the same header. Only the data is shared then.
final class Outbox {

    private final Requests requests;
    private final @Nullable ByteBuffer headers;
    private final int[] slots = new int[Requests.SLOTS];
    private final long[] offsets = new long[Requests.SLOTS];
    private final ByteBuffer[] runs;

    /// Views of the memory of clients' requests and of that of the headers, made when needed.
    private final @Nullable ByteBuffer[] views;

    private final @Nullable ByteBuffer[] headerViews;
    private int runCount;
    private int runEnd;
    private boolean isRunOfHeaders;
    private int count;

    /// @param shared whether another leg sends the same requests
    Outbox(Requests requests, boolean shared) {
        this.requests = requests;
        int most = shared ? 2 * Requests.SLOTS : Requests.SLOTS;
        headers = shared ? ByteBuffer.allocateDirect(Requests.ALL * RequestHeader.BYTES) : null;
        runs = new ByteBuffer[most];
        views = new ByteBuffer[most];
        headerViews = new ByteBuffer[most];
    }

    /// Adds a request and answers whether it is the first.
    boolean add(int slot, long offset) {
        slots[count] = slot;
        offsets[count] = offset;
        return count++ == 0;
    }

    void enter(Outstanding outstanding) {
        for (int i = 0; i < count; i++) {
            enter(outstanding, slots[i], offsets[i]);
        }
    }

    /// Enters one request and completes its header.
    void enter(Outstanding outstanding, int slot, long offset) {
        ByteBuffer own = headers;
        if (own == null) {
            outstanding.enter(slot, offset, requests.memory(slot), requests.frame(slot));
            return;
        }
        int header = slot * RequestHeader.BYTES;
        int length = (int) requests.length(slot);
        RequestHeader.write(own, header, requests.command(slot), 0, 0, length);
        outstanding.enter(slot, offset, own, header);
    }

    void send(SocketChannel channel) throws IOException {
        runCount = 0;
        runEnd = -1;
        for (int i = 0; i < count; i++) {
            addFrame(slots[i]);
        }
        if (runCount == 1) {
            while (runs[0].hasRemaining()) {
                channel.write(runs[0]);
            }
        } else if (runCount > 1) {
            while (runs[runCount - 1].hasRemaining()) {
                channel.write(runs, 0, runCount);
            }
        }
    }

    private void addFrame(int slot) {
        ByteBuffer memory = requests.memory(slot);
        int from = requests.frame(slot);
        ByteBuffer own = headers;
        if (own == null) {
            add(memory, false, from, from + requests.frameLength(slot));
            return;
        }
        int header = slot * RequestHeader.BYTES;
        add(own, true, header, header + RequestHeader.BYTES);
        if (requests.command(slot) == Nbd.CMD_WRITE) {
            add(memory, false, from + RequestHeader.BYTES, from + requests.frameLength(slot));
        }
    }

    private void add(ByteBuffer memory, boolean ofHeaders, int from, int to) {
        if (from == runEnd && ofHeaders == isRunOfHeaders) {
            runs[runCount - 1].limit(to);
        } else {
            @Nullable ByteBuffer[] viewsOfIt = ofHeaders ? headerViews : views;
            ByteBuffer view = viewsOfIt[runCount];
            if (view == null) {
                view = memory.duplicate();
                viewsOfIt[runCount] = view;
            }
            runs[runCount++] = view.clear().limit(to).position(from);
            isRunOfHeaders = ofHeaders;
        }
        runEnd = to;
    }

    void clear() {
        count = 0;
    }

    /// Sends one request whose header is complete.
    void sendOne(SocketChannel channel, int slot) throws IOException {
        int from = requests.frame(slot);
        int length = requests.frameLength(slot);
        ByteBuffer own = headers;
        if (own == null) {
            send(channel, requests.memory(slot).slice(from, length));
            return;
        }
        send(channel, own.slice(slot * RequestHeader.BYTES, RequestHeader.BYTES));
        if (length > RequestHeader.BYTES) {
            send(
                    channel,
                    requests.memory(slot)
                            .slice(from + RequestHeader.BYTES, length - RequestHeader.BYTES));
        }
    }

    private static void send(SocketChannel channel, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }
}
