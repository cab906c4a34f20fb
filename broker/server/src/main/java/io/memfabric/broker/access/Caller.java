package io.memfabric.broker.access;

import java.util.Optional;
import java.util.Set;
import java.util.UUID;

/// Who calls, as its token says.
public sealed interface Caller {

    /// The request attribute that holds the caller.
    String ATTRIBUTE = "io.memfabric.broker.caller";

    /// A person or a control plane.
    ///
    /// @param id who it is, the same at every call: of an API token its own identity
    /// @param name what the audit trail calls it
    /// @param tenantId its tenant
    /// @param roles at least one
    /// @param scopes such as `grants:read`; where there is none, all that the roles allow
    record Api(UUID id, String name, UUID tenantId, Set<Role> roles, Set<String> scopes)
            implements Caller {

        public Api {
            roles = Set.copyOf(roles);
            scopes = Set.copyOf(scopes);
        }

        /// The one tenant whose objects it may know of; empty where it may know of all.
        public Optional<UUID> onlyTenant() {
            return roles.stream().anyMatch(Role::isFabricWide)
                    ? Optional.empty()
                    : Optional.of(tenantId);
        }

        boolean isAdmin() {
            return roles.contains(Role.ADMIN);
        }
    }

    /// An enrolled host's agent.
    record Agent(UUID hostId) implements Caller {}

    /// A host that is about to enroll.
    record Joining(JoinTicket ticket) implements Caller {}

    /// What the audit trail calls it.
    default String actor() {
        return switch (this) {
            case Api api -> api.name();
            case Agent agent -> "host:" + agent.hostId();
            case Joining joining -> "joining:" + joining.ticket().hostName();
        };
    }
}
