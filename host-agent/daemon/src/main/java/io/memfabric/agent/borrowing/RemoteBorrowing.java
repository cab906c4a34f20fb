package io.memfabric.agent.borrowing;

import io.memfabric.contract.agent.AttachGrant;
import io.memfabric.contract.agent.DropLegs;
import io.memfabric.contract.agent.LegReplacement;
import io.memfabric.contract.agent.LegReport;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.ServiceLoader;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;

/// Builds devices from the regions of other hosts: a leg for each lender, a disk over the legs or a
/// mirror over two of each extent, sealed, with a socket of its own in
/// `<run dir>/<grant id>/disk.sock`.
public final class RemoteBorrowing implements Borrowing {

    /// How long a device that is opened again waits for lenders before it goes on without them.
    private static final long RESUME_WAIT = TimeUnit.MILLISECONDS.toNanos(500);

    /// Longer than any try takes.
    private static final long OPEN_WAIT = TimeUnit.SECONDS.toNanos(30);

    /// @param single the device and what is known of its pages, where each extent has one leg
    private record OpenDisk(
            ExportedDisk disk,
            DiskServer server,
            Optional<Mirrors> mirrors,
            Optional<Single> single) {}

    private record Single(RemoteDisk.Opening disk, PageCopies known) {}

    /// Who may open a device, and how fast copies are made.
    record Rules(DiskClients clients, MirrorPace pace) {}

    private final DiskSockets sockets;
    private final Leg.Transport legs;
    private final DiskServer.Transport servers;
    private final DiskListener.Source listeners;
    private final Optional<Sealing> sealing;
    private final Rules rules;
    private volatile Runnable legsChanged = () -> {};

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
        this(runDir, legs, servers, listeners, kept, new Rules(DiskClients.ANY, MirrorPace.USUAL));
    }

    RemoteBorrowing(
            Path runDir,
            Leg.Transport legs,
            DiskServer.Transport servers,
            DiskListener.Source listeners,
            Optional<? extends Kept> kept,
            Rules rules) {
        this.rules = rules;
        this.sockets = new DiskSockets(runDir);
        this.legs = legs;
        this.servers = servers;
        this.listeners = listeners;
        this.sealing = kept.map(memory -> new Sealing(memory));
    }

    /// Borrows with sockets below `runDir`, which must be this agent's own.
    ///
    /// @param legs the way to lenders
    /// @param clients who may open a device
    public static RemoteBorrowing open(Path runDir, Leg.Transport legs, DiskClients clients) {
        return open(runDir, legs, clients, Optional.of(service(Kept.class)));
    }

    /// Borrows for whoever can open a socket.
    public static RemoteBorrowing open(Path runDir, Leg.Transport legs) {
        return open(runDir, legs, DiskClients.ANY);
    }

    /// Borrows without sealing: every lender can read the pages and change them.
    public static RemoteBorrowing openUnsealed(
            Path runDir, Leg.Transport legs, DiskClients clients) {
        return open(runDir, legs, clients, Optional.empty());
    }

    private static RemoteBorrowing open(
            Path runDir, Leg.Transport legs, DiskClients clients, Optional<Kept> kept) {
        return new RemoteBorrowing(
                runDir,
                legs,
                service(DiskServer.Transport.class),
                service(DiskListener.Source.class),
                kept,
                new Rules(clients, MirrorPace.USUAL));
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
            Path socket = sockets.prepare(plan.grantId());
            Optional<KeptGrant> keys = keys(plan, again);
            Device device =
                    layout.copies() == 1
                            ? device(plan, layout, keys)
                            : mirrored(plan, layout, keys, again);
            OpenDisk fresh = serve(plan, socket, device);
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

    /// A device that has not begun.
    ///
    /// @param unused ends what it has, in place of the device
    private record Device(
            BlockDevice.Ready ready,
            Optional<Mirrors> mirrors,
            Optional<Single> single,
            Runnable unused) {}

    private Device device(AttachGrant plan, LegLayout layout, Optional<KeptGrant> keys)
            throws BorrowingException {
        List<Leg.Connected> connected = connect(layout);
        RemoteDisk.Opening disk =
                new RemoteDisk.Opening(
                        layout,
                        plan.extents().stream().map(extent -> extent.legs().getFirst()).toList(),
                        connected);
        PageCopies known = keys.isPresent() ? new WrittenPages(keys.get()) : PageCopies.UNKNOWN;
        return new Device(
                sealed(disk, keys),
                Optional.empty(),
                Optional.of(new Single(disk, known)),
                () -> connected.forEach(Leg.Connected::close));
    }

    private static BlockDevice.Ready sealed(BlockDevice.Ready disk, Optional<KeptGrant> keys) {
        return Splitter.before(keys.isPresent() ? Sealed.before(disk, keys.get()) : disk);
    }

    /// A new device needs all its lenders; one that was there before goes on with those that are.
    private Device mirrored(
            AttachGrant plan, LegLayout layout, Optional<KeptGrant> keys, boolean again)
            throws BorrowingException {
        if (again && keys.isEmpty()) {
            throw new BorrowingException(
                    "metadata_missing",
                    "nothing is kept of grant " + plan.grantId() + " that tells its copies apart",
                    null);
        }
        MirrorSection section =
                keys.isPresent()
                        ? MirrorSection.of(keys.get())
                        : MirrorSection.unkept(plan.extents().size());
        PageCopies known = keys.isPresent() ? new SealedCopies(keys.get()) : PageCopies.UNKNOWN;
        Mirrors mirrors =
                new Mirrors(
                        new Mirrors.Parts(
                                legs, section, known, rules.pace(), () -> legsChanged.run()),
                        plan.extents(),
                        layout);
        try {
            section.adopt(plan.extents(), known::mayHoldData);
            mirrors.connect(again ? RESUME_WAIT : OPEN_WAIT);
            if (!again) {
                mirrors.requireAll();
            }
        } catch (BorrowingException | RuntimeException e) {
            mirrors.close();
            throw e;
        }
        return new Device(
                sealed(mirrors, keys), Optional.of(mirrors), Optional.empty(), mirrors::close);
    }

    private OpenDisk serve(AttachGrant plan, Path socket, Device device) throws BorrowingException {
        String exportName = plan.grantId().toString();
        try {
            DiskListener listener =
                    listeners.listen(
                            exportName,
                            socket,
                            peer -> rules.clients().objection(plan.vmId(), peer));
            DiskServer server = servers.serve(listener, exportName, device.ready());
            ExportedDisk disk =
                    new ExportedDisk(
                            plan.grantId(), plan.epoch(), socket, exportName, plan.sizeBytes());
            return new OpenDisk(disk, server, device.mirrors(), device.single());
        } catch (IOException e) {
            device.unused().run();
            throw new BorrowingException("socket_unavailable", "cannot listen at " + socket, e);
        }
    }

    @Override
    public void replaceLegs(UUID grantId, List<LegReplacement> replacements, Runnable remember)
            throws BorrowingException {
        ReentrantLock lock = lockOf(grantId);
        lock.lock();
        try {
            Optional<Single> single =
                    Optional.ofNullable(open.get(grantId)).flatMap(OpenDisk::single);
            if (single.isPresent()) {
                new ExtentMove(single.get().disk().disk(), legs, single.get().known())
                        .carryOut(replacements, remember);
            } else {
                mirrorsOf(grantId).exchange(replacements);
                remember.run();
            }
        } finally {
            lock.unlock();
        }
    }

    @Override
    public void dropLegs(UUID grantId, List<DropLegs.Dropped> legs) throws BorrowingException {
        ReentrantLock lock = lockOf(grantId);
        lock.lock();
        try {
            mirrorsOf(grantId).drop(legs);
        } finally {
            lock.unlock();
        }
    }

    private Mirrors mirrorsOf(UUID grantId) throws BorrowingException {
        OpenDisk disk = open.get(grantId);
        if (disk == null) {
            throw new BorrowingException(
                    "grant_not_open", "grant " + grantId + " is not open", null);
        }
        return disk.mirrors()
                .orElseThrow(
                        () ->
                                new BorrowingException(
                                        "no_mirrored_grant",
                                        "grant " + grantId + " has no second copies",
                                        null));
    }

    @Override
    public List<LegReport> legsNotWhole(UUID grantId) {
        return Optional.ofNullable(open.get(grantId))
                .flatMap(OpenDisk::mirrors)
                .map(Mirrors::reports)
                .orElse(List.of());
    }

    @Override
    public void whenLegsChange(Runnable listener) {
        legsChanged = listener;
    }

    /// What the mirrors of an open grant did.
    Optional<MirrorCounts> mirrorCounts(UUID grantId) {
        return Optional.ofNullable(open.get(grantId))
                .flatMap(OpenDisk::mirrors)
                .map(Mirrors::counts);
    }

    @Override
    public Optional<ExportedDisk> find(UUID grantId) {
        return Optional.ofNullable(open.get(grantId)).map(OpenDisk::disk);
    }

    @Override
    public long writesTo(UUID grantId) {
        OpenDisk disk = open.get(grantId);
        return disk == null ? 0 : disk.server().writes();
    }

    @Override
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
            listeners.drop(grantId.toString(), sockets.of(grantId));
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
