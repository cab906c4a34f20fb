package io.memfabric.agent.guest;

import io.memfabric.agent.guest.GuestConnection.WrongDirectionException;
import io.memfabric.contract.guest.GuestFrame;
import io.memfabric.contract.guest.GuestFrame.Reply;
import io.memfabric.contract.guest.MalformedFrameException;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/// Keeps a connection to one guest: connects, reads, connects again, and keeps away for a while from
/// a guest that sends rubbish.
final class GuestChannel implements AutoCloseable {

    private static final System.Logger LOG = System.getLogger(GuestChannel.class.getName());
    private static final int MALFORMED_ALLOWED = 3;

    private final UUID vmId;
    private final Path socket;
    private final GuestPatience patience;
    private final Runnable spoke;
    private final Thread reader;
    private volatile @Nullable GuestConnection connection;
    private volatile boolean banned;
    private volatile boolean closed;

    GuestChannel(UUID vmId, Path socket, GuestPatience patience, Runnable spoke) {
        this.vmId = vmId;
        this.socket = socket;
        this.patience = patience;
        this.spoke = spoke;
        this.reader = Thread.ofVirtual().name("guest-" + vmId).start(this::keepConnected);
    }

    boolean isBanned() {
        return banned;
    }

    Path socket() {
        return socket;
    }

    private void keepConnected() {
        int malformed = 0;
        long lastMalformedAt = System.nanoTime();
        try {
            while (!closed) {
                try (GuestConnection opened = GuestConnection.open(socket, spoke)) {
                    connection = opened;
                    opened.read();
                } catch (MalformedFrameException | WrongDirectionException e) {
                    long now = System.nanoTime();
                    if (now - lastMalformedAt > patience.banned().toNanos()) {
                        malformed = 0;
                    }
                    lastMalformedAt = now;
                    malformed++;
                    LOG.log(Level.WARNING, "guest {0}: {1}", vmId, e.getMessage());
                } catch (IOException e) {
                    LOG.log(Level.DEBUG, "guest {0}: {1}", vmId, e.getMessage());
                } finally {
                    connection = null;
                }
                if (malformed >= MALFORMED_ALLOWED) {
                    malformed = 0;
                    banned = true;
                    LOG.log(
                            Level.WARNING,
                            "guest {0} sends no frames; its channel stays closed for {1} s",
                            vmId,
                            patience.banned().toSeconds());
                    Thread.sleep(patience.banned());
                    banned = false;
                } else if (!closed) {
                    Thread.sleep(patience.reconnect());
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /// To be called every second: asks a silent guest again and gives up a dead connection, such as
    /// one that waits behind another client.
    void nudge() {
        GuestConnection current = connection;
        if (current == null) {
            return;
        }
        try {
            if (current.silence().compareTo(patience.silence()) > 0) {
                current.close();
            } else if (!current.saidHello()) {
                current.configure();
            }
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "guest {0}: {1}", vmId, e.getMessage());
        }
    }

    @Nullable GuestHint hint() {
        GuestConnection current = connection;
        return current == null ? null : current.hint();
    }

    long reclaimable(long bytes) {
        GuestConnection current = connection;
        return current == null ? 0 : current.reclaimable(bytes);
    }

    @Nullable UUID bootId() {
        GuestConnection current = connection;
        return current == null ? null : current.bootId();
    }

    boolean saidHello() {
        GuestConnection current = connection;
        return current != null && current.saidHello();
    }

    Reply ask(long requestId, GuestFrame request, Duration deadline) throws GuestSilentException {
        GuestConnection current = connection;
        if (current == null) {
            throw new GuestSilentException("the guest's channel is not connected", true);
        }
        try {
            CompletableFuture<Reply> reply = current.request(requestId, request);
            return reply.get(deadline.toMillis(), TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw new GuestSilentException("no answer within " + deadline.toSeconds() + " s");
        } catch (ExecutionException | IOException e) {
            throw new GuestSilentException("the guest's channel broke before it answered", true);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new GuestSilentException("interrupted while waiting for the guest");
        } finally {
            current.forget(requestId);
        }
    }

    @Override
    public void close() {
        closed = true;
        reader.interrupt();
        GuestConnection current = connection;
        if (current != null) {
            try {
                current.close();
            } catch (IOException e) {
                LOG.log(Level.DEBUG, "guest {0}: {1}", vmId, e.getMessage());
            }
        }
    }
}
