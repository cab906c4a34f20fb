package io.memfabric.agent.command;

import io.memfabric.contract.agent.AttachGrant;
import io.memfabric.contract.agent.GrantReport;
import io.memfabric.contract.agent.GrantStop;
import io.memfabric.contract.agent.LegReport;
import io.memfabric.contract.agent.LenderPlace;
import io.memfabric.contract.agent.LenderWay;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/// The grants that VMs of this host hold, kept in a file: written before a device is touched, so
/// that an agent that died in between knows what it may have left behind.
public final class HeldGrants {

    private static final int MAX = 4096;
    private static final JsonMapper JSON =
            JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();

    private final Path file;
    private final Map<UUID, HeldGrant> grants = new LinkedHashMap<>();

    private HeldGrants(Path file) {
        this.file = file;
    }

    /// Reads the file, or begins with none where there is no file yet.
    ///
    /// @throws IOException where the file cannot be read; to go on without it would lose grants
    public static HeldGrants load(Path file) throws IOException {
        HeldGrants held = new HeldGrants(file);
        if (Files.exists(file)) {
            try {
                HeldGrant @Nullable [] read =
                        JSON.readValue(Files.readAllBytes(file), HeldGrant[].class);
                if (read == null || Arrays.asList(read).contains(null)) {
                    throw new IOException(file + " has nothing where a grant should be");
                }
                for (HeldGrant grant : read) {
                    held.grants.put(grant.grantId(), grant);
                }
            } catch (JacksonException e) {
                throw new IOException(file + " is not a list of grants: " + e.getMessage(), e);
            }
        }
        return held;
    }

    synchronized Optional<HeldGrant> find(UUID grantId) {
        return Optional.ofNullable(grants.get(grantId));
    }

    /// Where the lenders of all grants here are, each once.
    public List<LenderPlace> lenders() {
        Map<UUID, LenderPlace> places = new LinkedHashMap<>();
        for (HeldGrant grant : all()) {
            AttachGrant plan = grant.plan();
            if (plan != null) {
                plan.extents().stream()
                        .flatMap(extent -> extent.legs().stream())
                        .forEach(
                                leg ->
                                        places.put(
                                                leg.lenderId(),
                                                new LenderPlace(
                                                        leg.lenderId(),
                                                        leg.address(),
                                                        leg.rdmaAddress())));
            }
        }
        return List.copyOf(places.values());
    }

    synchronized List<HeldGrant> all() {
        return List.copyOf(grants.values());
    }

    synchronized List<HeldGrant> ofVm(UUID vmId) {
        return grants.values().stream().filter(grant -> grant.vmId().equals(vmId)).toList();
    }

    /// Whether the VM holds a grant.
    public synchronized boolean borrows(UUID vmId) {
        return !ofVm(vmId).isEmpty();
    }

    /// The grants as an inventory has them.
    ///
    /// @param legsNotWhole what is known of a grant's legs
    /// @param ways over what its lenders are reached
    /// @param stopOf why a grant's device serves no more
    /// @param described whose devices are described too
    public List<GrantReport> reports(
            Function<UUID, List<LegReport>> legsNotWhole,
            Function<UUID, List<LenderWay>> ways,
            Function<UUID, Optional<GrantStop>> stopOf,
            Set<UUID> described) {
        return all().stream()
                .map(
                        grant ->
                                new GrantReport(
                                        grant.grantId(),
                                        grant.epoch(),
                                        grant.vmId(),
                                        legsNotWhole.apply(grant.grantId()),
                                        ways.apply(grant.grantId()),
                                        stopOf.apply(grant.grantId()).orElse(null),
                                        described.contains(grant.grantId())
                                                ? grant.description()
                                                : null))
                .toList();
    }

    synchronized boolean isFull() {
        return grants.size() >= MAX;
    }

    /// Notes the grant; where that cannot be written down it is not noted at all.
    synchronized void put(HeldGrant grant) {
        HeldGrant before = grants.put(grant.grantId(), grant);
        try {
            write();
        } catch (UncheckedIOException e) {
            if (before == null) {
                grants.remove(grant.grantId());
            } else {
                grants.put(grant.grantId(), before);
            }
            throw e;
        }
    }

    synchronized void remove(UUID grantId) {
        if (grants.remove(grantId) != null) {
            write();
        }
    }

    /// The plans in it say where whose pages lie: for this agent's eyes alone.
    private static FileChannel openOwn(Path fresh) throws IOException {
        Files.deleteIfExists(fresh);
        return FileChannel.open(
                fresh,
                Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
    }

    private void write() {
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        try (FileChannel out = openOwn(fresh)) {
            ByteBuffer bytes = ByteBuffer.wrap(JSON.writeValueAsBytes(grants.values()));
            while (bytes.hasRemaining()) {
                out.write(bytes);
            }
            out.force(true);
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + file, e);
        }
    }
}
