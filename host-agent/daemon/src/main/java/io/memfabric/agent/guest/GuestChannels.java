package io.memfabric.agent.guest;

import io.memfabric.contract.guest.GuestFrame;
import io.memfabric.contract.guest.GuestFrame.Reclaim;
import io.memfabric.contract.guest.GuestFrame.Reply;
import io.memfabric.contract.guest.GuestFrame.SwapOff;
import io.memfabric.contract.guest.GuestFrame.SwapOn;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.LongFunction;
import org.jspecify.annotations.Nullable;

/// The guests' daemons, each behind its own channel.
public final class GuestChannels implements Guests, AutoCloseable {

    private static final System.Logger LOG = System.getLogger(GuestChannels.class.getName());

    /// The kernel's highest: remote memory is used before any disk of the guest's own.
    private static final int HIGHEST_PRIORITY = 32_767;

    private static final Duration POLL = Duration.ofMillis(100);

    private final Map<UUID, GuestChannel> channels = new ConcurrentHashMap<>();
    private final GuestPatience patience;

    /// Not from 1: a daemon that outlived an agent must not take a new request for an old one.
    private final AtomicLong requestIds = new AtomicLong(System.currentTimeMillis() << 16);

    private volatile Consumer<UUID> heard = _ -> {};

    public GuestChannels() {
        this(GuestPatience.NORMAL);
    }

    GuestChannels(GuestPatience patience) {
        this.patience = patience;
    }

    /// Whom to tell that a guest has just reported; called by the channels' own threads.
    public void whenHeard(Consumer<UUID> listener) {
        heard = listener;
    }

    /// Keeps a channel to each of these VMs and to no other; to be called every second.
    ///
    /// @param sockets the host's ends of the channels, by VM
    public void reconcile(Map<UUID, Path> sockets) {
        channels.entrySet()
                .removeIf(
                        entry -> {
                            boolean stays =
                                    entry.getValue().socket().equals(sockets.get(entry.getKey()));
                            if (!stays) {
                                entry.getValue().close();
                            }
                            return !stays;
                        });
        sockets.forEach(
                (vmId, socket) ->
                        channels.computeIfAbsent(
                                vmId,
                                _ ->
                                        new GuestChannel(
                                                vmId, socket, patience, () -> heard.accept(vmId))));
        channels.values().forEach(GuestChannel::nudge);
    }

    /// The VMs whose daemon was heard, each with its kernel's boot id.
    public Map<UUID, UUID> boots() {
        Map<UUID, UUID> boots = new HashMap<>();
        channels.forEach(
                (vmId, channel) -> {
                    UUID bootId = channel.bootId();
                    if (bootId != null) {
                        boots.put(vmId, bootId);
                    }
                });
        return boots;
    }

    /// Whether the guest's channel is kept closed for what it sent.
    boolean isBanned(UUID vmId) {
        GuestChannel channel = channels.get(vmId);
        return channel != null && channel.isBanned();
    }

    @Override
    public Optional<GuestHint> hint(UUID vmId) {
        GuestChannel channel = channels.get(vmId);
        return channel == null ? Optional.empty() : Optional.ofNullable(channel.hint());
    }

    @Override
    public void awaitHello(UUID vmId, Duration deadline) throws GuestSilentException {
        long start = System.nanoTime();
        while (!saidHello(channels.get(vmId))) {
            if (System.nanoTime() - start > deadline.toNanos()) {
                throw new GuestSilentException(
                        channels.containsKey(vmId)
                                ? "the guest's balloon daemon says nothing"
                                : "the VM has no channel io.memfabric.guest.0");
            }
            try {
                Thread.sleep(POLL);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new GuestSilentException("interrupted while waiting for the guest");
            }
        }
    }

    private static boolean saidHello(@Nullable GuestChannel channel) {
        return channel != null && channel.saidHello();
    }

    @Override
    public Reply swapOn(UUID vmId, String serial, long sizeBytes, Duration deadline)
            throws GuestSilentException {
        return ask(vmId, deadline, id -> new SwapOn(id, sizeBytes, serial, HIGHEST_PRIORITY));
    }

    @Override
    public Reply swapOff(UUID vmId, String serial, Duration deadline) throws GuestSilentException {
        return ask(vmId, deadline, id -> new SwapOff(id, serial));
    }

    @Override
    public void reclaim(UUID vmId, long bytes, Duration deadline) {
        GuestChannel channel = channels.get(vmId);
        long missing = channel == null ? 0 : channel.reclaimable(bytes);
        if (missing <= 0) {
            return;
        }
        long most = Math.min(missing, Reclaim.MAX_BYTES);
        try {
            Reply _ = ask(vmId, deadline, id -> new Reclaim(id, most));
        } catch (GuestSilentException e) {
            LOG.log(Level.DEBUG, "reclaim in {0}: {1}", vmId, e.getMessage());
        }
    }

    private Reply ask(UUID vmId, Duration deadline, LongFunction<GuestFrame> request)
            throws GuestSilentException {
        GuestChannel channel = channels.get(vmId);
        if (channel == null) {
            throw new GuestSilentException("the VM has no channel io.memfabric.guest.0");
        }
        long requestId = requestIds.incrementAndGet();
        return channel.ask(requestId, request.apply(requestId), deadline);
    }

    @Override
    public void close() {
        channels.values().forEach(GuestChannel::close);
        channels.clear();
    }
}
