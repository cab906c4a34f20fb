package io.memfabric.agent.borrowing.export;

import io.memfabric.agent.borrowing.Answers;
import io.memfabric.agent.borrowing.BlockDevice;
import io.memfabric.agent.borrowing.DeviceStop;
import io.memfabric.agent.borrowing.DiskListener;
import io.memfabric.agent.borrowing.DiskServer;
import io.memfabric.agent.borrowing.Requests;
import io.memfabric.agent.nbd.ExportCatalog;
import io.memfabric.agent.nbd.ExportInfo;
import io.memfabric.agent.nbd.ServerHandshake;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.ClosedChannelException;
import java.util.Optional;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/// Serves one device to one client after the other over NBD on a unix socket. The next client waits
/// until everything of the one before is answered or let go of, so that no late write of one can
/// land on a newer write of the other.
final class UnixDiskServer implements DiskServer, Answers {

    private static final System.Logger LOG = System.getLogger(UnixDiskServer.class.getName());
    private static final int HANDSHAKE_SECONDS = 5;

    /// The pages are the unit in which memory is sealed and verified; QEMU splits and joins a
    /// guest's smaller requests by itself when it is told so.
    private static final int MIN_BLOCK = 4096;

    private static final ScheduledExecutorService DEADLINES =
            Executors.newSingleThreadScheduledExecutor(
                    Thread.ofPlatform().daemon().name("disk-deadlines").factory());

    private final String exportName;
    private final ExportInfo info;
    private final DiskListener listener;
    private final SlotPool slots = new SlotPool();
    private final RequestRing ring = new RequestRing(slots);
    private final Requests requests = new Requests(ring.memory());
    private final long[] cookies = new long[Requests.SLOTS];
    private final AtomicLong writes = new AtomicLong();
    private final BlockDevice device;
    private final Thread thread;
    private volatile @Nullable ClientConnection client;
    private volatile @Nullable DeviceStop stop;

    /// Found as a service.
    public static final class UnixTransport implements DiskServer.Transport {
        @Override
        public DiskServer serve(
                DiskListener listener, String exportName, BlockDevice.Ready device) {
            return new UnixDiskServer(listener, exportName, device);
        }
    }

    private UnixDiskServer(DiskListener listener, String exportName, BlockDevice.Ready ready) {
        this.listener = listener;
        this.exportName = exportName;
        info = ExportInfo.ofOneClient(ready.sizeBytes(), MIN_BLOCK, Requests.MAX_PAYLOAD);
        device = ready.start(requests, this);
        thread = Thread.ofPlatform().daemon().name("disk-" + exportName).start(this::run);
    }

    ExportInfo info() {
        return info;
    }

    BlockDevice device() {
        return device;
    }

    Requests requests() {
        return requests;
    }

    SlotPool slots() {
        return slots;
    }

    RequestRing ring() {
        return ring;
    }

    /// The cookies of the client's requests, by slot.
    long[] cookies() {
        return cookies;
    }

    /// For the one thread that serves a client: no other counts.
    void countWrite() {
        writes.lazySet(writes.getPlain() + 1);
    }

    @Override
    public long writes() {
        return writes.get();
    }

    private void run() {
        while (listener.isOpen()) {
            try (ByteChannel channel = listener.accept()) {
                serve(channel);
            } catch (ClosedChannelException e) {
                // The client's channel or the listener: the loop tells which.
                LOG.log(System.Logger.Level.DEBUG, "{0} was closed", exportName);
            } catch (IOException e) {
                LOG.log(System.Logger.Level.DEBUG, "{0}: {1}", exportName, e.toString());
            } catch (RuntimeException | Error e) {
                // Requests would wait for ever: better a device that is seen to have stopped.
                stopped(new DeviceStop("internal_error", "serving a client: " + e));
                throw e;
            } finally {
                client = null;
                drain();
            }
        }
    }

    private void serve(ByteChannel channel) throws IOException {
        ClientConnection connection = new ClientConnection(channel);
        client = connection;
        ScheduledFuture<?> deadline =
                DEADLINES.schedule(connection::close, HANDSHAKE_SECONDS, TimeUnit.SECONDS);
        if (!listener.isOpen()) {
            return;
        }
        Optional<ExportCatalog.Opened<BlockDevice>> opened =
                new ServerHandshake<>(channel, new Catalog()).negotiate();
        if (deadline.cancel(false) && opened.isPresent()) {
            new RequestPump(this, connection).run();
        }
    }

    /// Waits until every slot is free. A leg that is connected answers, or is found silent and cut;
    /// what a leg without connection holds is let go of.
    private void drain() {
        while (listener.isOpen() && !slots.isAllFree()) {
            device.flush();
            device.abandon();
            slots.await(10, TimeUnit.MILLISECONDS);
        }
        ring.clear();
    }

    private final class Catalog implements ExportCatalog<BlockDevice> {

        @Override
        public Optional<ExportInfo> describe(String name) {
            return name.equals(exportName) ? Optional.of(info) : Optional.empty();
        }

        @Override
        public Optional<Opened<BlockDevice>> open(String name, boolean sole) {
            return describe(name).map(same -> new Opened<>(same, device));
        }
    }

    @Override
    public Sink sink() {
        return new ReplyRun(this, requests);
    }

    long cookie(int slot) {
        return cookies[slot];
    }

    void reply(ByteBuffer memory, int from, int to) {
        ClientConnection connection = client;
        if (connection != null) {
            connection.write(memory, from, to);
        }
    }

    void release(long answered) {
        slots.release(answered);
    }

    @Override
    public void abandoned(int slot) {
        slots.release(1L << slot);
    }

    /// Closes without an answer: QEMU keeps its requests, and pauses the VM when it cannot reach us.
    @Override
    public void stopped(DeviceStop reason) {
        LOG.log(System.Logger.Level.ERROR, "the device of grant {0}: {1}", exportName, reason);
        stop = reason;
        hangUp();
    }

    @Override
    public Optional<DeviceStop> stop() {
        return Optional.ofNullable(stop);
    }

    private void hangUp() {
        listener.close();
        ClientConnection connection = client;
        if (connection != null) {
            connection.close();
        }
        slots.wake();
    }

    @Override
    public void close() {
        hangUp();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        device.close();
    }
}
