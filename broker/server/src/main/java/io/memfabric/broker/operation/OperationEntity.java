package io.memfabric.broker.operation;

import jakarta.persistence.Entity;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.Id;
import jakarta.persistence.PostLoad;
import jakarta.persistence.PostPersist;
import jakarta.persistence.Table;
import jakarta.persistence.Transient;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.data.domain.Persistable;

/// Something that takes a while, and how it ended.
@Entity
@Table(name = "operations")
class OperationEntity implements Persistable<UUID> {

    @Id private UUID id;

    @Enumerated(EnumType.STRING)
    private OperationKind kind;

    private @Nullable UUID grantId;
    private @Nullable UUID hostId;
    private @Nullable Long totalBytes;
    private @Nullable Long leftBytes;
    private @Nullable Integer leftGrants;
    private @Nullable String blockedBy;
    private boolean done;
    private @Nullable String errorCode;
    private @Nullable String errorDetail;
    private Instant createdAt;
    private @Nullable Instant doneAt;

    @Transient private boolean fresh = true;

    @SuppressWarnings("NullAway.Init") // Hibernate fills the fields.
    protected OperationEntity() {}

    OperationEntity(
            UUID id,
            OperationKind kind,
            @Nullable UUID grantId,
            @Nullable UUID hostId,
            Instant now) {
        this.id = id;
        this.kind = kind;
        this.grantId = grantId;
        this.hostId = hostId;
        this.createdAt = now;
    }

    void go(OperationView.Progress progress) {
        totalBytes = progress.totalBytes();
        leftBytes = progress.bytesLeft();
        leftGrants = progress.grantsLeft();
        blockedBy = progress.blockedBy();
    }

    void end(@Nullable String code, @Nullable String detail, Instant now) {
        done = true;
        errorCode = code;
        errorDetail = detail;
        doneAt = now;
    }

    @PostLoad
    @PostPersist
    void isStored() {
        fresh = false;
    }

    @Override
    public UUID getId() {
        return id;
    }

    @Override
    public boolean isNew() {
        return fresh;
    }

    private OperationView.@Nullable Progress progress() {
        return totalBytes == null || leftBytes == null || leftGrants == null
                ? null
                : new OperationView.Progress(totalBytes, leftBytes, leftGrants, blockedBy);
    }

    OperationView view() {
        return new OperationView(
                id,
                kind,
                done,
                grantId,
                hostId,
                progress(),
                errorCode == null
                        ? null
                        : new OperationView.OperationError(
                                errorCode, errorDetail == null ? "" : errorDetail),
                createdAt,
                doneAt);
    }
}
