package io.memfabric.broker.access;

import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.UUID;

/// A token of a person or a control plane.
@Entity
@SuppressWarnings("UnusedVariable") // Hibernate reads the columns.
@Table(name = "api_tokens")
class ApiTokenEntity {

    @Id private UUID id;
    private String name;
    private byte[] tokenHash;
    private Instant createdAt;

    @SuppressWarnings("NullAway.Init") // Hibernate fills the fields.
    protected ApiTokenEntity() {}

    ApiTokenEntity(UUID id, String name, Secret.Hash hash, Instant createdAt) {
        this.id = id;
        this.name = name;
        this.tokenHash = hash.bytes();
        this.createdAt = createdAt;
    }

    UUID id() {
        return id;
    }

    void replaceBy(Secret.Hash hash, Instant now) {
        tokenHash = hash.bytes();
        createdAt = now;
    }
}
