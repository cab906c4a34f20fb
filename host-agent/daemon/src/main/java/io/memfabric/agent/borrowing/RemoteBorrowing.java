package io.memfabric.agent.borrowing;

import io.memfabric.contract.agent.AttachGrant;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;

/// Builds devices from the regions of other hosts: a leg for each lender, a disk over the legs,
/// sealed, with a socket of its own in `<run dir>/<grant id>/disk.sock`.
public final class RemoteBorrowing implements Borrowing {

    /// `sun_path` of unix(7) holds 108 bytes with the final zero.
    private static final int MAX_SOCKET_PATH = 107;

    private record OpenDisk(ExportedDisk disk, DiskServer server) {}

    private final Path runDir;
    private final Leg.Transport legs;
    private final DiskServer.Transport servers;
    private final DiskListener.Source listeners;
    private final Optional<Sealing> sealing;

    /// One a grant: a lender that does not answer holds up no other grant.
    private final Map<UUID, ReentrantLock> changing = new ConcurrentHashMap<>();

    private final Map<UUID, OpenDisk> open = new ConcurrentHashMap<>();

    /// @param kept where the keys are; nothing is sealed without
    RemoteBorrowing(
            Path runDir,
            Leg.Transport legs,
            DiskServer.Transport servers,
            DiskListener.Source listeners,
            Optional<? extends Kept> kept) {
        this.runDir = runDir;
        this.legs = legs;
        this.servers = servers;
        this.listeners = listeners;
        this.sealing = kept.map(memory -> new Sealing(memory));
    }

    /// Borrows with sockets below `runDir`, which must be this agent's own.
    ///
    /// @param legs the way to lenders
    public static RemoteBorrowing open(Path runDir, Leg.Transport legs) {
        return open(runDir, legs, Optional.of(service(Kept.class)));
    }

    /// Borrows without sealing: every lender can read the pages and change them.
    public static RemoteBorrowing openUnsealed(Path runDir, Leg.Transport legs) {
        return open(runDir, legs, Optional.empty());
    }

    private static RemoteBorrowing open(Path runDir, Leg.Transport legs, Optional<Kept> kept) {
        return new RemoteBorrowing(
                runDir,
                legs,
                service(DiskServer.Transport.class),
                service(DiskListener.Source.class),
                kept);
    }

    private static <T> T service(Class<T> type) {
        return ServiceLoader.load(type).findFirst().orElseThrow();
    }

    @Override
    public ExportedDisk open(AttachGrant plan) throws BorrowingException {
        return open(plan, false);
    }

    @Override
    public ExportedDisk resume(AttachGrant plan) throws BorrowingException {
        return open(plan, true);
    }

    private ExportedDisk open(AttachGrant plan, boolean again) throws BorrowingException {
        ReentrantLock lock = lockOf(plan.grantId());
        lock.lock();
        try {
            OpenDisk before = open.get(plan.grantId());
            if (before != null) {
                return stillGood(before, plan);
            }
            LegLayout layout = LegLayout.of(plan.extents());
            Path socket = prepareSocket(plan.grantId());
            Optional<KeptGrant> keys = keys(plan, again);
            OpenDisk fresh = serve(plan, socket, device(layout, connect(layout), keys));
            open.put(plan.grantId(), fresh);
            return fresh.disk();
        } finally {
            lock.unlock();
        }
    }

    private static ExportedDisk stillGood(OpenDisk before, AttachGrant plan)
            throws BorrowingException {
        Optional<DeviceStop> stop = before.server().stop();
        if (stop.isPresent()) {
            throw new BorrowingException(stop.get().code(), stop.get().detail(), null);
        }
        ExportedDisk disk = before.disk();
        if (disk.epoch() != plan.epoch()) {
            throw new BorrowingException(
                    "grant_open_in_other_epoch",
                    "the device is open in epoch " + disk.epoch() + ": close it first",
                    null);
        }
        return disk;
    }

    private ReentrantLock lockOf(UUID grantId) {
        return changing.computeIfAbsent(grantId, _ -> new ReentrantLock());
    }

    private Path socket(UUID grantId) {
        return runDir.resolve(grantId.toString()).resolve("disk.sock");
    }

    private Path prepareSocket(UUID grantId) throws BorrowingException {
        Path folder = runDir.resolve(grantId.toString());
        Path socket = socket(grantId);
        if (socket.toString().getBytes(StandardCharsets.UTF_8).length > MAX_SOCKET_PATH) {
            throw new BorrowingException(
                    "socket_path_too_long",
                    "a unix socket's path has at most 107 bytes: shorten run.dir " + runDir,
                    null);
        }
        try {
            if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
                Files.createDirectories(runDir);
                Files.createDirectory(folder);
            }
            Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
            return socket;
        } catch (IOException e) {
            throw new BorrowingException(
                    "socket_unavailable", "cannot make the folder " + folder, e);
        }
    }

    private List<Leg.Connected> connect(LegLayout layout) throws BorrowingException {
        List<Leg.Connected> connected = new ArrayList<>();
        try {
            for (LegGroup group : layout.groups()) {
                connected.add(legs.connect(group));
            }
            return connected;
        } catch (BorrowingException | RuntimeException e) {
            connected.forEach(Leg.Connected::close);
            throw e;
        }
    }

    private Optional<KeptGrant> keys(AttachGrant plan, boolean again) throws BorrowingException {
        if (sealing.isEmpty()) {
            return Optional.empty();
        }
        return Optional.of(again ? sealing.get().resume(plan) : sealing.get().open(plan));
    }

    private record Device(List<Leg.Connected> connected, BlockDevice.Ready ready) {}

    private static Device device(
            LegLayout layout, List<Leg.Connected> connected, Optional<KeptGrant> keys) {
        BlockDevice.Ready disk = RemoteDisk.of(layout.places(), connected);
        BlockDevice.Ready sealed = keys.isPresent() ? Sealed.before(disk, keys.get()) : disk;
        return new Device(connected, Splitter.before(sealed));
    }

    private OpenDisk serve(AttachGrant plan, Path socket, Device device) throws BorrowingException {
        String exportName = plan.grantId().toString();
        try {
            DiskListener listener = listeners.listen(exportName, socket);
            DiskServer server = servers.serve(listener, exportName, device.ready());
            ExportedDisk disk =
                    new ExportedDisk(
                            plan.grantId(), plan.epoch(), socket, exportName, plan.sizeBytes());
            return new OpenDisk(disk, server);
        } catch (IOException e) {
            device.connected().forEach(Leg.Connected::close);
            throw new BorrowingException("socket_unavailable", "cannot listen at " + socket, e);
        }
    }

    @Override
    public Optional<ExportedDisk> find(UUID grantId) {
        return Optional.ofNullable(open.get(grantId)).map(OpenDisk::disk);
    }

    /// Why an open device answers nothing any more, if that is so.
    public Optional<DeviceStop> stopOf(UUID grantId) {
        return Optional.ofNullable(open.get(grantId)).flatMap(disk -> disk.server().stop());
    }

    @Override
    public void close(UUID grantId) {
        ReentrantLock lock = lockOf(grantId);
        lock.lock();
        try {
            OpenDisk gone = open.remove(grantId);
            if (gone != null) {
                gone.server().close();
            }
            listeners.drop(grantId.toString(), socket(grantId));
            sealing.ifPresent(keys -> keys.destroy(grantId));
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void close() {
        for (UUID grantId : List.copyOf(open.keySet())) {
            ReentrantLock lock = lockOf(grantId);
            lock.lock();
            try {
                OpenDisk ended = open.remove(grantId);
                if (ended != null) {
                    ended.server().close();
                }
            } finally {
                lock.unlock();
            }
        }
    }
}
