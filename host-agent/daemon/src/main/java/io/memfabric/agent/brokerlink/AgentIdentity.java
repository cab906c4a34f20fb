package io.memfabric.agent.brokerlink;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/// Who this host is to the broker; kept in a file that only its owner can read.
///
/// @param authority the fingerprint of the fabric's authority; null where the network was trusted
record AgentIdentity(UUID hostId, String agentToken, @Nullable String authority) {

    private static final JsonMapper JSON =
            JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();
    private static final Set<PosixFilePermission> OWNER_ONLY =
            PosixFilePermissions.fromString("rw-------");

    AgentIdentity {
        Objects.requireNonNull(hostId, "hostId");
        Objects.requireNonNull(agentToken, "agentToken");
    }

    /// Reads the identity, if the host has one.
    ///
    /// @throws IOException where there is one that cannot be trusted or read
    static Optional<AgentIdentity> load(Path file) throws IOException {
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        if (!OWNER_ONLY.containsAll(Files.getPosixFilePermissions(file))) {
            throw new IOException(file + " can be read by others than its owner");
        }
        try {
            return Optional.of(JSON.readValue(Files.readAllBytes(file), AgentIdentity.class));
        } catch (JacksonException e) {
            throw new IOException(file + " is not an agent's identity", e);
        }
    }

    /// Writes the identity: complete and readable by its owner only, or not at all.
    void store(Path file) throws IOException {
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        Files.deleteIfExists(fresh);
        try (FileChannel out =
                FileChannel.open(
                        fresh,
                        Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE),
                        PosixFilePermissions.asFileAttribute(OWNER_ONLY))) {
            ByteBuffer bytes = ByteBuffer.wrap(JSON.writeValueAsBytes(this));
            while (bytes.hasRemaining()) {
                out.write(bytes);
            }
            out.force(true);
        }
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
    }

    /// Not the token: a log may be read by anybody.
    @Override
    public String toString() {
        return "AgentIdentity[" + hostId + "]";
    }
}
