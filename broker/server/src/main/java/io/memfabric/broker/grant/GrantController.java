package io.memfabric.broker.grant;

import io.memfabric.broker.access.Caller;
import io.memfabric.broker.access.IdempotencyKeys;
import io.memfabric.broker.database.Ledger;
import io.memfabric.broker.database.TimeOrderedId;
import io.memfabric.broker.operation.OperationView;
import io.memfabric.broker.operation.Operations;
import io.memfabric.broker.policy.ledger.Overtaken;
import io.memfabric.broker.recovery.Recovery;
import io.memfabric.broker.web.Problem;
import io.memfabric.broker.web.ProblemCode;
import io.memfabric.broker.web.Required;
import io.memfabric.broker.web.Revision;
import java.net.URI;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestAttribute;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

@RestController
class GrantController {

    private final Ledger ledger;
    private final Creation creation;
    private final GrantRepository grants;
    private final GrantParts parts;
    private final Resizing resizing;
    private final IdempotencyKeys keys;
    private final Operations operations;
    private final Recovery recovery;
    private final LegWays ways;
    private final Doubts doubts;
    private final Expiries expiries;
    private final InstantSource clock;

    GrantController(
            Ledger ledger,
            Creation creation,
            GrantRepository grants,
            GrantParts parts,
            Resizing resizing,
            IdempotencyKeys keys,
            Operations operations,
            Recovery recovery,
            LegWays ways,
            Doubts doubts,
            Expiries expiries,
            InstantSource clock) {
        this.ledger = ledger;
        this.creation = creation;
        this.grants = grants;
        this.parts = parts;
        this.resizing = resizing;
        this.keys = keys;
        this.operations = operations;
        this.recovery = recovery;
        this.ways = ways;
        this.doubts = doubts;
        this.expiries = expiries;
        this.clock = clock;
    }

    record Accepted(OperationView operation) {}

    @PostMapping("/api/v1/grants")
    ResponseEntity<?> create(
            @RequestAttribute(Caller.ATTRIBUTE) Caller.Api caller,
            @RequestHeader(name = "Idempotency-Key", required = false) @Nullable String key,
            @RequestParam(defaultValue = "false") boolean validateOnly,
            @RequestBody GrantRequest request) {
        GrantSpec spec = request.toSpec();
        Instant expiresAt = request.expiresAt();
        if (validateOnly) {
            expiries.check(expiresAt);
            Optional<UUID> only = caller.onlyTenant();
            PlacementView view = ledger.change(() -> creation.validate(spec, only));
            return ResponseEntity.ok(only.isPresent() ? view.withoutHosts() : view);
        }
        IdempotencyKeys.Use use =
                IdempotencyKeys.Use.of(
                        caller.id(),
                        key,
                        "grant " + spec + (expiresAt == null ? "" : " until " + expiresAt));
        try {
            return accepted(ledger.change(() -> create(use, spec, expiresAt, caller)));
        } catch (Overtaken e) {
            throw new Problem(
                    ProblemCode.INSUFFICIENT_CAPACITY, "Other grants took the free regions first.");
        }
    }

    private OperationView create(
            IdempotencyKeys.Use use,
            GrantSpec spec,
            @Nullable Instant expiresAt,
            Caller.Api caller) {
        UUID operationId = TimeOrderedId.at(clock.instant());
        return keys.earlier(use, operationId)
                .map(id -> operations.get(id).orElseThrow())
                .orElseGet(
                        () -> {
                            recovery.check();
                            expiries.check(expiresAt);
                            OperationView begun =
                                    creation.create(operationId, spec, caller.onlyTenant());
                            if (expiresAt != null) {
                                expiries.set(Objects.requireNonNull(begun.grantId()), expiresAt);
                            }
                            return begun;
                        });
    }

    @GetMapping("/api/v1/grants/{id}")
    ResponseEntity<GrantView> get(@PathVariable UUID id) {
        GrantView view =
                grants.findById(id)
                        .map(this::view)
                        .orElseThrow(() -> Problem.notFound("grant", id));
        return ResponseEntity.ok().eTag(Revision.etag(view.revision())).body(view);
    }

    private GrantView view(GrantEntity grant) {
        List<GrantEntity> further = grants.findByPartOfInOrderById(List.of(grant.id()));
        return GrantView.of(
                grant,
                further,
                expiries.of(List.of(grant.id())).get(grant.id()),
                parts.legs(grant.id()),
                parts.spilled(
                        Stream.concat(Stream.of(grant), further.stream())
                                .map(GrantEntity::id)
                                .toList()),
                to -> ways.of(grant, to));
    }

    @DeleteMapping("/api/v1/grants/{id}")
    ResponseEntity<Accepted> release(
            @PathVariable UUID id,
            @RequestHeader(name = HttpHeaders.IF_MATCH, required = false)
                    @Nullable String ifMatch) {
        return accepted(ledger.change(() -> releaseAsSeen(id, ifMatch)));
    }

    private OperationView releaseAsSeen(UUID id, @Nullable String ifMatch) {
        grants.lock(id).ifPresent(grant -> Revision.checkIfNamed(ifMatch, grant.revision()));
        return resizing.release(id);
    }

    record Renewal(@Nullable Spec spec) {
        record Spec(@Nullable Instant expiresAt) {}
    }

    /// Sets until when a grant is wanted.
    @PostMapping("/api/v1/grants/{id}:renew")
    ResponseEntity<GrantView> renew(
            @PathVariable UUID id,
            @RequestHeader(name = HttpHeaders.IF_MATCH, required = false) @Nullable String ifMatch,
            @RequestBody Renewal renewal) {
        Instant expiresAt = Required.field("spec", renewal.spec()).expiresAt();
        ledger.run(
                () -> {
                    GrantEntity grant =
                            grants.lock(id).orElseThrow(() -> Problem.notFound("grant", id));
                    Revision.checkIfNamed(ifMatch, grant.revision());
                    expiries.check(expiresAt);
                    expiries.renew(grant, expiresAt);
                });
        return get(id);
    }

    /// Ends a grant's quarantine, where nothing stands against it any more.
    @PostMapping("/api/v1/grants/{id}:returnToService")
    ResponseEntity<GrantView> returnToService(@PathVariable UUID id) {
        ledger.run(() -> doubts.returnToService(id));
        return get(id);
    }

    static ResponseEntity<Accepted> accepted(OperationView operation) {
        return ResponseEntity.accepted()
                .location(URI.create("/api/v1/operations/" + operation.id()))
                .body(new Accepted(operation));
    }
}
