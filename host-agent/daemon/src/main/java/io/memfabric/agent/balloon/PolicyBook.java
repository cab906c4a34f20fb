package io.memfabric.agent.balloon;

import io.memfabric.contract.agent.VmPolicies;
import io.memfabric.contract.agent.VmPolicy;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.json.JsonMapper;

/// What operators want of this host's VMs, as the broker said last. Kept in a file: a host that is
/// away from its broker goes by the last word that it heard, across its own restarts too.
public final class PolicyBook {

    private static final System.Logger LOG = System.getLogger(PolicyBook.class.getName());
    private static final JsonMapper JSON =
            JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();

    private final Path file;
    private volatile Said said;

    private record Said(@Nullable String tag, Map<UUID, VmPolicy> vms) {

        static final Said NOTHING = new Said(null, Map.of());

        static Said of(VmPolicies policies) {
            return new Said(
                    policies.tag(),
                    policies.vms().stream()
                            .collect(Collectors.toMap(VmPolicy::vmId, Function.identity())));
        }
    }

    private PolicyBook(Path file, Said said) {
        this.file = file;
        this.said = said;
    }

    /// Reads the file, or begins with nothing where there is none.
    ///
    /// @throws IOException where it cannot be read; to go on without it could go below a floor
    public static PolicyBook load(Path file) throws IOException {
        if (!Files.exists(file)) {
            return new PolicyBook(file, Said.NOTHING);
        }
        try {
            VmPolicies read = JSON.readValue(Files.readAllBytes(file), VmPolicies.class);
            if (read == null) {
                throw new IOException(file + " has nothing where policies should be");
            }
            return new PolicyBook(file, Said.of(read));
        } catch (JacksonException | IllegalStateException e) {
            throw new IOException(file + " is not a set of policies: " + e.getMessage(), e);
        }
    }

    /// The tag of what is in force, or null before the first word.
    public @Nullable String tag() {
        return said.tag();
    }

    /// What is wanted of a VM.
    public VmPolicy of(UUID vmId) {
        VmPolicy policy = said.vms().get(vmId);
        return policy == null ? VmPolicy.usual(vmId) : policy;
    }

    /// Takes what the broker said, and goes by it from the next tick on. Where it cannot be written
    /// down it holds all the same, and is asked for again after a restart.
    public void take(VmPolicies policies) {
        said = Said.of(policies);
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        try {
            Files.write(fresh, JSON.writeValueAsBytes(policies));
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            LOG.log(Level.WARNING, "policies are not kept: {0}", e.toString());
        }
    }
}
