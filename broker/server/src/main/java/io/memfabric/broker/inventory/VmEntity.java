package io.memfabric.broker.inventory;

import io.memfabric.contract.agent.VmReport;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// What the ledger remembers of a VM, to be read; [VmRows] writes it. Its figures of the second are
/// in [Presence].
@Entity
@Table(name = "vms")
class VmEntity {

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

    @SuppressWarnings("NullAway.Init") // Hibernate fills the fields.
    protected VmEntity() {}

    UUID getId() {
        return id;
    }

    UUID hostId() {
        return hostId;
    }

    VmRow row() {
        return new VmRow(id, hostId, name, state, maxBytes, guestDaemon);
    }
}
