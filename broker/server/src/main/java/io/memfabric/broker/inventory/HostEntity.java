package io.memfabric.broker.inventory;

import io.memfabric.broker.policy.FailureDomain;
import io.memfabric.contract.vocabulary.FabricLimits;
import io.memfabric.contract.vocabulary.HarvestMode;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import jakarta.persistence.Version;
import java.time.Instant;
import java.util.UUID;
import org.hibernate.annotations.DynamicUpdate;
import org.hibernate.annotations.SQLRestriction;
import org.jspecify.annotations.Nullable;

/// A host of the fabric as the ledger has it; one that was removed is none. The counters and the command revision belong to the database and to
/// other features; they are only read here.
@Entity
@DynamicUpdate
@SQLRestriction("removed_at is null")
@Table(name = "hosts")
class HostEntity {

    /// Twice the largest grant: in practice no limit.
    private static final long DEFAULT_LIMIT = 2 * FabricLimits.GRANT_MAX.bytes();

    @Id private UUID id;
    private String name;

    @Enumerated(EnumType.STRING)
    private HarvestMode mode;

    private long lendLimitBytes;

    @Enumerated(EnumType.STRING)
    private Scheduling scheduling = Scheduling.OPEN;

    private @Nullable String rack;
    private @Nullable String power;
    private @Nullable String zone;
    private String dataAddress;
    private String agentVersion;

    @Column(insertable = false, updatable = false)
    private @Nullable Integer keepRegions;

    @Column(insertable = false, updatable = false)
    private @Nullable UUID bootId;

    @Column(insertable = false, updatable = false)
    private int offeredRegions;

    @Column(insertable = false, updatable = false)
    private int claimedRegions;

    @Column(insertable = false, updatable = false)
    private int blockedRegions;

    @Column(insertable = false, updatable = false)
    private @Nullable Instant lastReportAt;

    @Column(insertable = false, updatable = false)
    private @Nullable Instant lostAt;

    @SuppressWarnings("UnusedVariable") // Hibernate reads the column.
    private Instant createdAt;

    @Version private @Nullable Long revision;

    @SuppressWarnings("NullAway.Init") // Hibernate fills the fields.
    protected HostEntity() {}

    HostEntity(UUID id, String name, String dataAddress, String agentVersion, Instant now) {
        this.id = id;
        this.name = name;
        this.mode = HarvestMode.OBSERVE;
        this.lendLimitBytes = DEFAULT_LIMIT;
        this.dataAddress = dataAddress;
        this.agentVersion = agentVersion;
        this.createdAt = now;
    }

    void enrollAgain(String newDataAddress, String newAgentVersion) {
        dataAddress = newDataAddress;
        agentVersion = newAgentVersion;
    }

    void setMode(HarvestMode newMode) {
        mode = newMode;
    }

    void setLendLimitBytes(long bytes) {
        lendLimitBytes = bytes;
    }

    void setScheduling(Scheduling wanted) {
        scheduling = wanted;
    }

    void setDomain(FailureDomain domain) {
        rack = domain.rack();
        power = domain.power();
        zone = domain.zone();
    }

    UUID id() {
        return id;
    }

    HostRow row() {
        return new HostRow(
                id,
                name,
                mode,
                lendLimitBytes,
                scheduling,
                new FailureDomain(rack, power, zone),
                keepRegions,
                dataAddress,
                agentVersion,
                bootId,
                new RegionCounts(offeredRegions, claimedRegions, blockedRegions),
                lastReportAt,
                lostAt,
                revision == null ? 0 : revision);
    }
}
