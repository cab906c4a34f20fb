package io.memfabric.broker.access;

import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.UUID;

/// The token of an enrolled host's agent; a new enrollment replaces it.
@Entity
@SuppressWarnings("UnusedVariable") // Hibernate reads the columns.
@Table(name = "agent_tokens")
class AgentTokenEntity {

    @Id private UUID hostId;
    private byte[] tokenHash;
    private Instant createdAt;

    @SuppressWarnings("NullAway.Init") // Hibernate fills the fields.
    protected AgentTokenEntity() {}

    AgentTokenEntity(UUID hostId, Secret.Hash hash, Instant createdAt) {
        this.hostId = hostId;
        this.tokenHash = hash.bytes();
        this.createdAt = createdAt;
    }

    UUID hostId() {
        return hostId;
    }
}
