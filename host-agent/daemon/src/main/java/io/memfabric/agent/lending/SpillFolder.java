package io.memfabric.agent.lending;

import io.memfabric.agent.policy.RegionTable;
import io.memfabric.agent.policy.SavedTable;
import io.memfabric.contract.vocabulary.FabricLimits;
import io.memfabric.contract.vocabulary.MemorySize;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/// A folder of this host in which regions are files, and the table of who has them.
///
/// The VMs that need what is in it live on when the agent ends, so the next agent goes on with the
/// files and the table. They do not live on when the host's kernel ends: then everything in it goes.
public final class SpillFolder implements RegionStore {

    private static final System.Logger LOG = System.getLogger(SpillFolder.class.getName());
    private static final Path KERNEL = Path.of("/proc/sys/kernel/random/boot_id");
    private static final JsonMapper JSON =
            JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();

    private final Path folder;
    private final UUID kernel;
    private final RegionTable found;
    private final long wanted;

    /// @param kernel under which the files were written
    record Contents(UUID kernel, SavedTable table) {}

    private SpillFolder(Path folder, UUID kernel, RegionTable found, long wanted) {
        this.folder = folder;
        this.kernel = kernel;
        this.found = found;
        this.wanted = wanted;
    }

    /// Opens the folder, which only its owner can read and write.
    ///
    /// @param size how much the regions in it may take
    /// @throws IOException where it cannot be used
    public static SpillFolder open(Path folder, MemorySize size) throws IOException {
        return open(folder, size, UUID.fromString(Files.readString(KERNEL).strip()));
    }

    static SpillFolder open(Path folder, MemorySize size, UUID kernel) throws IOException {
        Files.createDirectories(folder);
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
        SpillFolder empty =
                new SpillFolder(
                        folder,
                        kernel,
                        RegionTable.empty(UUID.randomUUID()),
                        size.bytes() / FabricLimits.REGION.bytes());
        Path tableFile = empty.tableFile();
        if (Files.exists(tableFile)) {
            Contents contents = read(tableFile);
            if (contents.kernel().equals(kernel) && empty.hasFilesOf(contents.table())) {
                return new SpillFolder(
                        folder, kernel, RegionTable.of(contents.table()), empty.wanted);
            }
            LOG.log(Level.INFO, "what {0} holds is of no use any more", folder);
        }
        empty.clear();
        return empty;
    }

    private static Contents read(Path tableFile) throws IOException {
        try {
            return JSON.readValue(Files.readAllBytes(tableFile), Contents.class);
        } catch (JacksonException e) {
            throw new IOException(tableFile + " is no table of regions", e);
        }
    }

    private boolean hasFilesOf(SavedTable table) throws IOException {
        for (SavedTable.Region region : table.regions()) {
            Path file = file(region.regionId());
            if (region.capability() != null
                    && (!Files.exists(file) || Files.size(file) != FabricLimits.REGION.bytes())) {
                return false;
            }
        }
        return true;
    }

    private void clear() throws IOException {
        List<Path> old;
        try (Stream<Path> files = Files.list(folder)) {
            old = files.filter(file -> name(file).matches("region-[0-9]+")).toList();
        }
        for (Path file : old) {
            Files.delete(file);
        }
    }

    private static String name(Path file) {
        return String.valueOf(file.getFileName());
    }

    /// The regions of the folder, as many as its size allows.
    ///
    /// @throws IOException where they cannot be made
    Regions regions() throws IOException {
        try {
            Regions regions = new Regions(this, found);
            regions.resizeTo(wanted);
            return regions;
        } catch (LendingException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    @Override
    public RegionMemory make(long regionId) {
        return SpillRegion.map(file(regionId));
    }

    @Override
    public void keep(RegionTable table) {
        Path fresh = folder.resolve("table.json.new");
        try {
            Files.write(fresh, JSON.writeValueAsBytes(new Contents(kernel, table.save())));
            Files.move(fresh, tableFile(), StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new LendingException("spill_failed", tableFile() + ": " + e.getMessage());
        }
    }

    @Override
    public void remove(long regionId) {
        try {
            Files.deleteIfExists(file(regionId));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public boolean canShrink() {
        return false;
    }

    private Path tableFile() {
        return folder.resolve("table.json");
    }

    private Path file(long regionId) {
        return folder.resolve("region-" + regionId);
    }
}
