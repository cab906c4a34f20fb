package io.memfabric.broker.access;

import jakarta.persistence.Entity;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/// A token that lets one host in, once.
@Entity
@SuppressWarnings("UnusedVariable") // Hibernate reads the columns.
@Table(name = "join_tokens")
class JoinTokenEntity {

    @Id private byte[] tokenHash;
    private String hostName;
    private Instant createdAt;
    private Instant expiresAt;
    private @Nullable Instant usedAt;

    @SuppressWarnings("NullAway.Init") // Hibernate fills the fields.
    protected JoinTokenEntity() {}

    JoinTokenEntity(Secret.Hash hash, String hostName, Instant createdAt, Instant expiresAt) {
        this.tokenHash = hash.bytes();
        this.hostName = hostName;
        this.createdAt = createdAt;
        this.expiresAt = expiresAt;
    }

    String hostName() {
        return hostName;
    }

    boolean isUsable(Instant now) {
        return usedAt == null && now.isBefore(expiresAt);
    }
}
