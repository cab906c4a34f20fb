package io.memfabric.broker.tenant;

import io.memfabric.broker.access.Access;
import io.memfabric.broker.access.Caller;
import io.memfabric.broker.access.IdempotencyKeys;
import io.memfabric.broker.audit.Audit;
import io.memfabric.broker.database.Ledger;
import io.memfabric.broker.database.TimeOrderedId;
import io.memfabric.broker.policies.Policies;
import io.memfabric.broker.web.Page;
import io.memfabric.broker.web.PageQuery;
import io.memfabric.broker.web.Problem;
import io.memfabric.broker.web.ProblemCode;
import io.memfabric.broker.web.Required;
import io.memfabric.broker.web.Revision;
import java.net.URI;
import java.time.InstantSource;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PatchMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestAttribute;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

@RestController
class TenantController {

    private final TenantRows rows;
    private final Policies policies;
    private final IdempotencyKeys keys;
    private final Ledger ledger;
    private final Audit audit;
    private final InstantSource clock;

    TenantController(
            TenantRows rows,
            Policies policies,
            IdempotencyKeys keys,
            Ledger ledger,
            Audit audit,
            InstantSource clock) {
        this.rows = rows;
        this.policies = policies;
        this.keys = keys;
        this.ledger = ledger;
        this.audit = audit;
        this.clock = clock;
    }

    record TenantRequest(@Nullable TenantPatch spec) {}

    @GetMapping("/api/v1/tenants")
    Page<TenantView> list(
            @RequestAttribute(Caller.ATTRIBUTE) Caller.Api caller,
            @RequestParam(required = false) @Nullable String name,
            @RequestParam(required = false) @Nullable String order,
            @RequestParam(required = false) @Nullable Integer pageSize,
            @RequestParam(required = false) @Nullable String pageToken) {
        PageQuery query = PageQuery.of(pageSize, pageToken);
        return Page.of(
                query,
                rows.list(caller.onlyTenant().orElse(null), name, order, query),
                row -> row.id().toString(),
                this::view);
    }

    @GetMapping("/api/v1/tenants/{id}")
    ResponseEntity<TenantView> get(@PathVariable UUID id) {
        return answer(find(id));
    }

    @PostMapping("/api/v1/tenants")
    ResponseEntity<TenantView> create(
            @RequestAttribute(Caller.ATTRIBUTE) Caller.Api caller,
            @RequestHeader(name = "Idempotency-Key", required = false) @Nullable String key,
            @RequestBody TenantRequest request) {
        IdempotencyKeys.Use use = IdempotencyKeys.Use.of(caller.id(), key, "tenant " + request);
        TenantSpec spec = Required.field("spec", request.spec()).toNew(policies.now());
        TenantView made =
                ledger.change(
                        () ->
                                keys.once(
                                        use,
                                        TenantView.class,
                                        () -> view(add(spec)),
                                        view -> view));
        return ResponseEntity.created(URI.create("/api/v1/tenants/" + made.id()))
                .eTag(Revision.etag(made.revision()))
                .body(made);
    }

    @PatchMapping("/api/v1/tenants/{id}")
    ResponseEntity<TenantView> change(
            @PathVariable UUID id,
            @RequestHeader(name = HttpHeaders.IF_MATCH, required = false) @Nullable String ifMatch,
            @RequestBody TenantRequest request) {
        TenantPatch patch = Required.field("spec", request.spec());
        long expected = Revision.required(ifMatch);
        return answer(ledger.change(() -> update(id, expected, patch)));
    }

    @DeleteMapping("/api/v1/tenants/{id}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void delete(
            @PathVariable UUID id,
            @RequestHeader(name = HttpHeaders.IF_MATCH, required = false)
                    @Nullable String ifMatch) {
        ledger.run(() -> remove(id, ifMatch));
    }

    private TenantRow add(TenantSpec spec) {
        if (rows.isNameTaken(spec.name())) {
            throw nameTaken();
        }
        UUID id = TimeOrderedId.at(clock.instant());
        rows.add(id, spec, clock.instant());
        tell("tenant_created", id, "Tenant %s may %s.".formatted(spec.name(), rights(spec)));
        return find(id);
    }

    private TenantRow update(UUID id, long expected, TenantPatch patch) {
        TenantRow before = rows.lock(id).orElseThrow(() -> Problem.notFound("tenant", id));
        Revision.check(expected, before.revision());
        TenantSpec spec = patch.over(TenantSpec.of(before));
        if (!spec.name().equals(before.name()) && rows.isNameTaken(spec.name())) {
            throw nameTaken();
        }
        rows.update(id, spec, clock.instant());
        tell("tenant_changed", id, "Tenant %s may %s.".formatted(spec.name(), rights(spec)));
        return find(id);
    }

    private void remove(UUID id, @Nullable String ifMatch) {
        TenantRow row = rows.lock(id).orElseThrow(() -> Problem.notFound("tenant", id));
        Revision.checkIfNamed(ifMatch, row.revision());
        if (id.equals(Access.DEFAULT_TENANT) || rows.held(id).grants() > 0 || rows.vms(id) > 0) {
            throw new Problem(
                    ProblemCode.TENANT_IN_USE,
                    "The tenant has VMs or grants, or is the default one.");
        }
        rows.delete(id, clock.instant());
        tell("tenant_deleted", id, "Tenant %s is no more; its tokens end.".formatted(row.name()));
    }

    private static Problem nameTaken() {
        return new Problem(ProblemCode.NAME_TAKEN, "There is a tenant of that name.");
    }

    private static String rights(TenantSpec spec) {
        return "borrow %s bytes in %s grants of the classes %s and lends to %s"
                .formatted(
                        spec.maxBytes() == null ? "any number of" : spec.maxBytes(),
                        spec.maxGrants() == null ? "any number of" : spec.maxGrants(),
                        spec.latencyClasses(),
                        spec.lendTo());
    }

    private void tell(String action, UUID id, String detail) {
        audit.add(new Audit.Entry(action, "tenant/" + id, id, detail));
    }

    private TenantRow find(UUID id) {
        return rows.find(id).orElseThrow(() -> Problem.notFound("tenant", id));
    }

    private TenantView view(TenantRow row) {
        return TenantView.of(row, rows.held(row.id()), rows.vms(row.id()));
    }

    private ResponseEntity<TenantView> answer(TenantRow row) {
        return ResponseEntity.ok().eTag(Revision.etag(row.revision())).body(view(row));
    }
}
