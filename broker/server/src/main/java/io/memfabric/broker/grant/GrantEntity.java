package io.memfabric.broker.grant;

import io.memfabric.broker.policy.DeviceState;
import io.memfabric.broker.policy.Failure;
import io.memfabric.broker.policy.GrantLife;
import io.memfabric.broker.policy.GrantState;
import io.memfabric.broker.policy.NoticeClass;
import io.memfabric.broker.policy.RepairState;
import io.memfabric.contract.agent.DevicePlan;
import io.memfabric.contract.agent.GrowthReply;
import io.memfabric.contract.vocabulary.AttachMode;
import io.memfabric.contract.vocabulary.FabricLimits;
import io.memfabric.contract.vocabulary.LatencyClass;
import jakarta.persistence.Column;
import jakarta.persistence.Entity;
import jakarta.persistence.EnumType;
import jakarta.persistence.Enumerated;
import jakarta.persistence.Id;
import jakarta.persistence.Table;
import jakarta.persistence.Version;
import java.time.Instant;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.data.domain.Persistable;

/// A grant as the ledger has it.
@Entity
@Table(name = "grants")
class GrantEntity implements Persistable<UUID> {

    private static final long FIRST_EPOCH = 1;

    @Id private UUID id;
    private UUID vmId;

    /// That of the VM when the grant is made; the database fills it.
    @Column(insertable = false, updatable = false)
    private @Nullable UUID tenantId;

    private UUID borrowerId;
    private long requestedBytes;
    private long sizeBytes;

    @Enumerated(EnumType.STRING)
    private AttachMode attachMode;

    @Enumerated(EnumType.STRING)
    private LatencyClass latencyClass;

    private int copies;

    @Enumerated(EnumType.STRING)
    private NoticeClass notice;

    private String serial;
    private long epoch;

    @Enumerated(EnumType.STRING)
    private GrantState state;

    @Enumerated(EnumType.STRING)
    private DeviceState device;

    @Enumerated(EnumType.STRING)
    private RepairState repair;

    private @Nullable UUID partOf;
    private @Nullable Long wantedBytes;
    private @Nullable UUID resizeStep;
    private @Nullable String doubt;
    private @Nullable String problemCode;
    private @Nullable String problemDetail;
    private Instant createdAt;
    private Instant updatedAt;

    @Column(insertable = false, updatable = false)
    private @Nullable UUID growthId;

    @Version private @Nullable Long revision;

    @SuppressWarnings("NullAway.Init") // Hibernate fills the fields.
    protected GrantEntity() {}

    GrantEntity(UUID id, GrantSpec spec, UUID borrowerId, int extents, Instant now) {
        this.id = id;
        this.vmId = spec.vmId();
        this.borrowerId = borrowerId;
        this.requestedBytes = spec.sizeBytes();
        this.sizeBytes = Math.multiplyExact(extents, FabricLimits.REGION.bytes());
        this.attachMode = spec.attachMode();
        this.latencyClass = spec.latencyClass();
        this.copies = spec.copies();
        this.notice = spec.notice();
        this.serial = serial(id);
        this.epoch = FIRST_EPOCH;
        this.state = GrantState.RESERVED;
        this.device = DeviceState.ABSENT;
        this.repair = RepairState.NONE;
        this.createdAt = now;
        this.updatedAt = now;
    }

    /// A further device of this grant.
    GrantEntity part(UUID partId, GrantSpec spec, int extents, Instant now) {
        GrantEntity part = new GrantEntity(partId, spec, borrowerId, extents, now);
        part.partOf = id;
        return part;
    }

    /// A grant that the ledger lost, as its hosts have it.
    static GrantEntity rebuilt(Evidence evidence, Instant now) {
        DevicePlan plan = evidence.plan();
        long bytes = plan.extents().size() * FabricLimits.REGION.bytes();
        GrantSpec spec =
                new GrantSpec(
                        evidence.vmId(),
                        bytes,
                        plan.mode(),
                        LatencyClass.ANY,
                        evidence.copies(),
                        NoticeClass.STANDARD);
        GrantEntity grant =
                new GrantEntity(
                        evidence.grantId(),
                        spec,
                        evidence.borrowerId(),
                        plan.extents().size(),
                        now);
        grant.serial = plan.serial();
        grant.epoch = evidence.epoch();
        grant.state = GrantState.ACTIVE;
        grant.device = DeviceState.ATTACHED;
        return grant;
    }

    /// What a further device of this size would be asked for with.
    GrantSpec specOf(long bytes) {
        return new GrantSpec(vmId, bytes, attachMode, latencyClass, copies, notice);
    }

    /// The last 72 bits of the identity, most of which are random: a whole one does not fit into
    /// the 20 characters that a virtio disk has for its serial.
    private static String serial(UUID id) {
        String digits = id.toString().replace("-", "");
        return "mf" + digits.substring(digits.length() - (FabricLimits.SERIAL_CHARS - 2));
    }

    void become(GrantLife life, Instant now) {
        state = life.state();
        device = life.device();
        repair = life.repair();
        updatedAt = now;
        if (state != GrantState.QUARANTINED) {
            doubt = null;
        }
    }

    /// What stands against it at its borrower while it is in quarantine, or null.
    void doubt(@Nullable String code) {
        doubt = code;
    }

    @Nullable String doubt() {
        return doubt;
    }

    /// Sets out for another size, or for the end where that is 0.
    void setOut(long bytes, Instant now) {
        wantedBytes = bytes;
        updatedAt = now;
    }

    void waitFor(@Nullable UUID operationId) {
        resizeStep = operationId;
    }

    /// The size is as it is to stay.
    void arrive(Instant now) {
        wantedBytes = null;
        resizeStep = null;
        updatedAt = now;
    }

    /// Something that belongs to it and is kept elsewhere has changed.
    void touch(Instant now) {
        updatedAt = now;
    }

    void setRequestedBytes(long bytes) {
        requestedBytes = bytes;
    }

    /// The grant of which this is a further device.
    Optional<UUID> partOf() {
        return Optional.ofNullable(partOf);
    }

    Optional<Long> wantedBytes() {
        return Optional.ofNullable(wantedBytes);
    }

    Optional<UUID> resizeStep() {
        return Optional.ofNullable(resizeStep);
    }

    /// Whether the VM has something of it, or may have.
    boolean holds() {
        return state != GrantState.RELEASED
                && (state != GrantState.FAILED || device != DeviceState.ABSENT);
    }

    /// Whether the VM goes on with its device.
    boolean serves() {
        return state == GrantState.ACTIVE
                || state == GrantState.DEGRADED
                || state == GrantState.RECALLING;
    }

    boolean isInQuarantine() {
        return state == GrantState.QUARANTINED;
    }

    void show(Failure problem) {
        problemCode = problem.code();
        problemDetail = problem.detail();
    }

    void clearProblem() {
        problemCode = null;
        problemDetail = null;
    }

    UUID id() {
        return id;
    }

    @Override
    public UUID getId() {
        return id;
    }

    @Override
    public boolean isNew() {
        return revision == null;
    }

    UUID vmId() {
        return vmId;
    }

    /// Whose it is; null in the transaction that makes it.
    @Nullable UUID tenantId() {
        return tenantId;
    }

    UUID borrowerId() {
        return borrowerId;
    }

    long requestedBytes() {
        return requestedBytes;
    }

    long sizeBytes() {
        return sizeBytes;
    }

    AttachMode attachMode() {
        return attachMode;
    }

    LatencyClass latencyClass() {
        return latencyClass;
    }

    int copies() {
        return copies;
    }

    NoticeClass notice() {
        return notice;
    }

    String serial() {
        return serial;
    }

    long epoch() {
        return epoch;
    }

    GrantState state() {
        return state;
    }

    DeviceState device() {
        return device;
    }

    RepairState repair() {
        return repair;
    }

    /// Who asked for it: a caller of the API, or the VM's host by itself.
    enum Origin {
        API,
        AUTO
    }

    Origin origin() {
        return growthId == null ? Origin.API : Origin.AUTO;
    }

    /// How it is for a host that asked for it by itself.
    GrowthReply.State growth() {
        return switch (state) {
            case RESERVED, PREPARED, ACTIVE, DEGRADED, RECALLING, QUARANTINED ->
                    GrowthReply.State.LIVE;
            case DRAINING, FENCED -> GrowthReply.State.LEAVING;
            case RELEASED, FAILED -> GrowthReply.State.GONE;
        };
    }

    boolean mirrored() {
        return copies > 1;
    }

    @Nullable Failure problem() {
        return problemCode == null
                ? null
                : new Failure(problemCode, problemDetail == null ? "" : problemDetail);
    }

    Instant createdAt() {
        return createdAt;
    }

    Instant updatedAt() {
        return updatedAt;
    }

    long revision() {
        return revision == null ? 0 : revision;
    }
}
