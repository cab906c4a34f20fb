package io.memfabric.broker.inventory;

import io.memfabric.contract.agent.VmReport;
import jakarta.persistence.Column;
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

/// What the ledger remembers of a VM; its figures of the second are in [Presence].
@Entity
@Table(name = "vms")
class VmEntity implements Persistable<UUID> {

    @Id private UUID id;
    private UUID hostId;
    private String name;

    /// The database fills it, from what was assigned; see `vm_tenants`.
    @Column(insertable = false, updatable = false)
    @SuppressWarnings("UnusedVariable") // Queries name it.
    private @Nullable UUID tenantId;

    @Enumerated(EnumType.STRING)
    private VmReport.State state;

    private long maxBytes;
    private boolean guestDaemon;

    @SuppressWarnings("UnusedVariable") // Hibernate reads the column.
    private Instant updatedAt;

    @Transient private boolean fresh = true;

    @SuppressWarnings("NullAway.Init") // Hibernate fills the fields.
    protected VmEntity() {}

    VmEntity(UUID hostId, VmReport report, Instant now) {
        this.id = report.vmId();
        this.hostId = hostId;
        this.name = report.name();
        this.state = report.state();
        this.maxBytes = report.maxBytes();
        this.guestDaemon = report.guestDaemon();
        this.updatedAt = now;
    }

    void update(UUID newHostId, VmReport report, Instant now) {
        hostId = newHostId;
        name = report.name();
        state = report.state();
        maxBytes = report.maxBytes();
        guestDaemon = report.guestDaemon();
        updatedAt = now;
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

    UUID hostId() {
        return hostId;
    }

    VmRow row() {
        return new VmRow(id, hostId, name, state, maxBytes, guestDaemon);
    }
}
