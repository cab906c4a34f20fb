package io.memfabric.broker.operation;

import io.memfabric.broker.database.Bells;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;

/// What callers wait for: at most one open operation of a kind per grant, and per host.
@Service
public class Operations {

    private final OperationRepository operations;
    private final JdbcClient jdbc;
    private final Bells bells;
    private final InstantSource clock;

    Operations(OperationRepository operations, JdbcClient jdbc, Bells bells, InstantSource clock) {
        this.operations = operations;
        this.jdbc = jdbc;
        this.bells = bells;
        this.clock = clock;
    }

    private record Bell(UUID operationId) {}

    /// Begins an operation, in the transaction at hand.
    public OperationView begin(UUID id, OperationKind kind, UUID grantId) {
        Instant now = clock.instant();
        jdbc.sql(
                        "insert into operations (id, kind, grant_id, done, created_at)"
                                + " values (?, ?, ?, false, ?)")
                .params(id, kind.name(), grantId, Timestamp.from(now))
                .update();
        return new OperationEntity(id, kind, grantId, null, now).view();
    }

    /// The open operation of a kind of a host, which begins where there is none, in the transaction
    /// at hand.
    public OperationView beginAt(UUID id, OperationKind kind, UUID hostId) {
        return operations
                .findByHostIdAndKindAndDoneFalse(hostId, kind)
                .orElseGet(
                        () ->
                                operations.save(
                                        new OperationEntity(
                                                id, kind, null, hostId, clock.instant())))
                .view();
    }

    /// The open operations of a kind.
    public List<OperationView> open(OperationKind kind) {
        return operations.findByKindAndDoneFalseOrderById(kind).stream()
                .map(OperationEntity::view)
                .toList();
    }

    /// Says how far an open operation of a host is, in the transaction at hand.
    public void goOnAt(UUID hostId, OperationKind kind, OperationView.Progress progress) {
        operations
                .findByHostIdAndKindAndDoneFalse(hostId, kind)
                .ifPresent(operation -> operation.go(progress));
    }

    /// Ends the open operation of a kind of a host, if there is one, in the transaction at hand.
    public void succeedAt(UUID hostId, OperationKind kind) {
        operations
                .findByHostIdAndKindAndDoneFalse(hostId, kind)
                .ifPresent(operation -> end(operation, null, null));
    }

    /// Ends the open operation of a kind of a host as failed, if there is one, in the transaction at
    /// hand.
    public void failAt(UUID hostId, OperationKind kind, String code, String detail) {
        operations
                .findByHostIdAndKindAndDoneFalse(hostId, kind)
                .ifPresent(operation -> end(operation, code, detail));
    }

    /// The open operation of a kind.
    public Optional<OperationView> open(UUID grantId, OperationKind kind) {
        return operations
                .findByGrantIdAndKindAndDoneFalse(grantId, kind)
                .map(OperationEntity::view);
    }

    public Optional<OperationView> get(UUID id) {
        return operations.findById(id).map(OperationEntity::view);
    }

    /// Ends the open operation of a kind, if there is one, in the transaction at hand.
    public void succeed(UUID grantId, OperationKind kind) {
        end(grantId, kind, null, null);
    }

    /// Ends the open operation of a kind as failed, if there is one, in the transaction at hand.
    public void fail(UUID grantId, OperationKind kind, String code, String detail) {
        end(grantId, kind, code, detail);
    }

    /// An operation, when it is done or the time is over.
    Optional<OperationView> await(UUID id, Duration limit) {
        return bells.await(new Bell(id), limit, () -> get(id).filter(OperationView::done))
                .or(() -> get(id));
    }

    private void end(
            UUID grantId, OperationKind kind, @Nullable String code, @Nullable String detail) {
        operations
                .findByGrantIdAndKindAndDoneFalse(grantId, kind)
                .ifPresent(operation -> end(operation, code, detail));
    }

    private void end(OperationEntity operation, @Nullable String code, @Nullable String detail) {
        operation.end(code, detail, clock.instant());
        bells.ringAfterCommit(new Bell(operation.getId()));
    }
}
