package io.memfabric.agent.guest;

import io.memfabric.contract.guest.GuestFrame;
import io.memfabric.contract.guest.GuestFrame.Configure;
import io.memfabric.contract.guest.GuestFrame.FromGuest;
import io.memfabric.contract.guest.GuestFrame.Hello;
import io.memfabric.contract.guest.GuestFrame.Reply;
import io.memfabric.contract.guest.GuestFrame.Stats;
import io.memfabric.contract.guest.GuestFrame.Thresholds;
import io.memfabric.contract.guest.GuestFrameCodec;
import io.memfabric.contract.guest.MalformedFrameException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// One connection to a guest's daemon, from connect to close. Read by one thread, written by any.
final class GuestConnection implements AutoCloseable {

    /// Memory that a guest needs is to be back within two seconds: a second would be half of that.
    private static final int STATS_INTERVAL_MILLIS = 250;

    /// 30 ms of waiting within a second: long before an owner notices, and not for every page.
    private static final Thresholds THRESHOLDS = new Thresholds(30_000, 1_000_000);

    private static final int MAX_FRAMES_A_SECOND = 10;
    private static final int MAX_REQUESTS = 64;

    private final SocketChannel channel;
    private final Runnable spoke;
    private final FrameReader frames;
    private final Map<Long, CompletableFuture<Reply>> waiting = new ConcurrentHashMap<>();
    private volatile @Nullable Hello hello;
    private volatile @Nullable Stats stats;
    private volatile long statsAt;
    private volatile long heardAt;
    private long secondBegan = System.nanoTime();
    private int framesThisSecond;

    private GuestConnection(SocketChannel channel, Runnable spoke) {
        this.channel = channel;
        this.spoke = spoke;
        this.frames = new FrameReader(channel);
        this.heardAt = System.nanoTime();
    }

    /// Connects to the host's end of the channel and asks the guest to say hello. Where another
    /// client has the channel the connection stands but stays silent.
    ///
    /// @param spoke called after each report of the guest
    static GuestConnection open(Path socket, Runnable spoke) throws IOException {
        SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            channel.connect(UnixDomainSocketAddress.of(socket));
            GuestConnection connection = new GuestConnection(channel, spoke);
            connection.send(new Configure(STATS_INTERVAL_MILLIS));
            return connection;
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    /// Reads until the channel ends.
    ///
    /// @throws MalformedFrameException where the guest sent anything but frames of a guest
    /// @throws IOException where the channel ends
    void read() throws IOException, InterruptedException {
        while (true) {
            GuestFrame frame = frames.next();
            if (!(frame instanceof FromGuest fromGuest)) {
                throw new WrongDirectionException();
            }
            heardAt = System.nanoTime();
            switch (fromGuest) {
                case Hello said -> {
                    boolean isFirst = hello == null;
                    hello = said;
                    if (isFirst && said.canWatch()) {
                        send(THRESHOLDS);
                    }
                }
                case Stats said -> {
                    stats = said;
                    statsAt = System.nanoTime();
                    spoke.run();
                }
                case Reply reply -> {
                    CompletableFuture<Reply> request = waiting.remove(reply.requestId());
                    if (request != null) {
                        request.complete(reply);
                    }
                }
            }
            pace();
        }
    }

    /// A guest that floods is read no faster than it may send; its bytes wait in its own kernel.
    private void pace() throws InterruptedException {
        long now = System.nanoTime();
        long second = Duration.ofSeconds(1).toNanos();
        if (now - secondBegan >= second) {
            secondBegan = now;
            framesThisSecond = 0;
        }
        framesThisSecond++;
        if (framesThisSecond >= MAX_FRAMES_A_SECOND) {
            Thread.sleep(Duration.ofNanos(second - (now - secondBegan)));
        }
    }

    /// How much of so many bytes has to be dropped before it is free; 0 where the guest cannot do
    /// that, or said nothing of its memory.
    long reclaimable(long bytes) {
        Hello said = hello;
        Stats known = stats;
        return said == null || known == null || !said.canReclaim()
                ? 0
                : Math.max(0, bytes - known.freeBytes());
    }

    boolean saidHello() {
        return hello != null;
    }

    @Nullable UUID bootId() {
        Hello said = hello;
        return said == null ? null : said.bootId();
    }

    /// How long nothing was heard.
    Duration silence() {
        return Duration.ofNanos(System.nanoTime() - heardAt);
    }

    @Nullable GuestHint hint() {
        Stats said = stats;
        if (said == null) {
            return null;
        }
        return new GuestHint(
                said.availableBytes(),
                Math.clamp(said.pressureSomeCentipercent(), -1, 10_000),
                said.pressureSomeMicros(),
                said.refaults() + said.pagesSwappedIn(),
                said.swapTotalBytes(),
                said.swapFreeBytes(),
                Duration.ofNanos(System.nanoTime() - statsAt));
    }

    /// Sends a request and answers where its reply will be. Fails where the connection does.
    CompletableFuture<Reply> request(long requestId, GuestFrame request) throws IOException {
        if (waiting.size() >= MAX_REQUESTS) {
            throw new IOException("too many requests wait for this guest");
        }
        CompletableFuture<Reply> reply = new CompletableFuture<>();
        waiting.put(requestId, reply);
        try {
            send(request);
        } catch (IOException e) {
            waiting.remove(requestId);
            throw e;
        }
        if (!channel.isOpen()) {
            reply.completeExceptionally(new IOException("the channel is closed"));
        }
        return reply;
    }

    void forget(long requestId) {
        waiting.remove(requestId);
    }

    /// Asks the guest again to say hello.
    void configure() throws IOException {
        send(new Configure(STATS_INTERVAL_MILLIS));
    }

    private void send(GuestFrame frame) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(GuestFrameCodec.encode(frame));
        synchronized (this) {
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
        IOException closed = new IOException("the channel is closed");
        waiting.values().forEach(reply -> reply.completeExceptionally(closed));
        waiting.clear();
    }

    /// A guest sent a frame that only a host sends.
    static final class WrongDirectionException extends IOException {
        private static final long serialVersionUID = 1;

        WrongDirectionException() {
            super("a frame that only a host sends");
        }
    }
}
