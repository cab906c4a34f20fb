package io.memfabric.agent.borrowing;

import io.memfabric.contract.agent.AttachGrant;
import io.memfabric.contract.agent.DropLegs;
import io.memfabric.contract.agent.LegReplacement;
import io.memfabric.contract.agent.LegReport;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// Devices that exist in name only.
public final class FakeBorrowing implements Borrowing {

    /// The folder of the devices' sockets.
    public static final Path EXPORTS = Path.of("/run/fake");

    private final Map<UUID, ExportedDisk> open = new HashMap<>();
    private final List<String> journal;
    private @Nullable String failure;
    private boolean writing;
    private long writes;

    public FakeBorrowing(List<String> journal) {
        this.journal = journal;
    }

    public synchronized void fail(String code) {
        failure = code;
    }

    /// From now on the VM sends a write whenever one looks, or no more.
    public synchronized void keepWriting(boolean on) {
        writing = on;
    }

    @Override
    public synchronized long writesTo(UUID grantId) {
        return writing ? ++writes : writes;
    }

    @Override
    public Optional<DeviceStop> stopOf(UUID grantId) {
        return Optional.empty();
    }

    @Override
    public synchronized ExportedDisk open(AttachGrant plan) throws BorrowingException {
        if (failure != null) {
            throw new BorrowingException(failure, "switched off", new IllegalStateException());
        }
        journal.add("open");
        ExportedDisk disk =
                new ExportedDisk(
                        plan.grantId(),
                        plan.epoch(),
                        EXPORTS.resolve(plan.serial()),
                        "x",
                        plan.sizeBytes());
        open.put(plan.grantId(), disk);
        return disk;
    }

    @Override
    public synchronized void replaceLegs(
            UUID grantId, List<LegReplacement> replacements, Runnable remember)
            throws BorrowingException {
        if (failure != null) {
            throw new BorrowingException(failure, "switched off", new IllegalStateException());
        }
        journal.add("replace " + replacements.size());
        remember.run();
    }

    @Override
    public synchronized void dropLegs(UUID grantId, List<DropLegs.Dropped> legs)
            throws BorrowingException {
        if (failure != null) {
            throw new BorrowingException(failure, "switched off", new IllegalStateException());
        }
        journal.add("drop " + legs.size());
    }

    @Override
    public List<LegReport> legsNotWhole(UUID grantId) {
        return List.of();
    }

    @Override
    public void whenLegsChange(Runnable listener) {
        // Nothing ever breaks.
    }

    @Override
    public synchronized Optional<ExportedDisk> find(UUID grantId) {
        return Optional.ofNullable(open.get(grantId));
    }

    @Override
    public synchronized void close(UUID grantId) {
        if (open.remove(grantId) != null) {
            journal.add("close");
        }
    }

    @Override
    public synchronized void close() {
        open.clear();
    }
}
