package io.memfabric.broker.policies;

import io.memfabric.broker.access.Caller;
import io.memfabric.broker.access.IdempotencyKeys;
import io.memfabric.broker.audit.Audit;
import io.memfabric.broker.database.Ledger;
import io.memfabric.broker.web.Page;
import io.memfabric.broker.web.PageQuery;
import io.memfabric.broker.web.Problem;
import io.memfabric.broker.web.ProblemCode;
import io.memfabric.broker.web.Required;
import io.memfabric.broker.web.Revision;
import java.net.URI;
import java.time.Instant;
import java.time.InstantSource;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestAttribute;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/// Versions of the policy: each change adds one, and going back adds one too.
@RestController
class PolicyController {

    private static final int LONGEST_NOTE = 500;

    private final Policies policies;
    private final IdempotencyKeys keys;
    private final Ledger ledger;
    private final Audit audit;
    private final InstantSource clock;

    PolicyController(
            Policies policies,
            IdempotencyKeys keys,
            Ledger ledger,
            Audit audit,
            InstantSource clock) {
        this.policies = policies;
        this.keys = keys;
        this.ledger = ledger;
        this.audit = audit;
        this.clock = clock;
    }

    record PolicyView(
            long version,
            PolicyDocument document,
            String note,
            String createdBy,
            Instant createdAt) {}

    record NewVersion(@Nullable PolicyDocument document, @Nullable String note) {}

    record Rollback(@Nullable Long toVersion) {}

    @GetMapping("/api/v1/policies")
    Page<PolicyView> list(
            @RequestParam(defaultValue = "desc") String order,
            @RequestParam(required = false) @Nullable Integer pageSize,
            @RequestParam(required = false) @Nullable String pageToken) {
        PageQuery query = PageQuery.of(pageSize, pageToken);
        return Page.of(
                query,
                policies.list(order, query),
                row -> Long.toString(row.version()),
                this::view);
    }

    @GetMapping("/api/v1/policies/current")
    ResponseEntity<PolicyView> current() {
        return answer(policies.newest());
    }

    @GetMapping("/api/v1/policies/{version}")
    PolicyView get(@PathVariable long version) {
        return view(find(version));
    }

    @PostMapping("/api/v1/policies")
    ResponseEntity<PolicyView> add(
            @RequestAttribute(Caller.ATTRIBUTE) Caller.Api caller,
            @RequestHeader(name = HttpHeaders.IF_MATCH, required = false) @Nullable String ifMatch,
            @RequestHeader(name = "Idempotency-Key", required = false) @Nullable String key,
            @RequestBody NewVersion body) {
        PolicyDocument document = Required.field("document", body.document()).checked();
        String note = body.note() == null ? "" : body.note();
        if (note.length() > LONGEST_NOTE || note.chars().anyMatch(Character::isISOControl)) {
            throw new Problem(
                    ProblemCode.INVALID_POLICY, "note must have at most 500 plain characters.");
        }
        long expected = Revision.required(ifMatch);
        return once(caller, key, "policy " + body, () -> put(expected, document, note, caller));
    }

    @PostMapping("/api/v1/policies:rollback")
    ResponseEntity<PolicyView> rollBack(
            @RequestAttribute(Caller.ATTRIBUTE) Caller.Api caller,
            @RequestHeader(name = HttpHeaders.IF_MATCH, required = false) @Nullable String ifMatch,
            @RequestHeader(name = "Idempotency-Key", required = false) @Nullable String key,
            @RequestBody Rollback body) {
        long wanted = Required.field("toVersion", body.toVersion());
        long expected = Revision.required(ifMatch);
        return once(
                caller,
                key,
                "rollback " + body,
                () ->
                        put(
                                expected,
                                policies.document(find(wanted)),
                                "Back to version " + wanted,
                                caller));
    }

    private ResponseEntity<PolicyView> once(
            Caller.Api caller,
            @Nullable String key,
            String request,
            java.util.function.Supplier<PolicyView> make) {
        IdempotencyKeys.Use use = IdempotencyKeys.Use.of(caller.id(), key, request);
        PolicyView made = ledger.change(() -> keys.once(use, PolicyView.class, make, view -> view));
        policies.follow();
        return ResponseEntity.created(URI.create("/api/v1/policies/" + made.version()))
                .eTag(Revision.etag(made.version()))
                .body(made);
    }

    private PolicyView put(long expected, PolicyDocument document, String note, Caller.Api caller) {
        Policies.Row before = policies.newest();
        Revision.check(expected, before.version());
        policies.add(before.version() + 1, document, note, caller.actor(), clock.instant());
        audit.add(
                new Audit.Entry(
                        "policy_changed",
                        "policy/" + (before.version() + 1),
                        null,
                        document + (note.isEmpty() ? "" : ": " + note)));
        return view(policies.newest());
    }

    private Policies.Row find(long version) {
        return policies.find(version).orElseThrow(() -> Problem.notFound("policy", version));
    }

    private PolicyView view(Policies.Row row) {
        return new PolicyView(
                row.version(),
                policies.document(row),
                row.note(),
                row.createdBy(),
                row.createdAt());
    }

    private ResponseEntity<PolicyView> answer(Policies.Row row) {
        return ResponseEntity.ok().eTag(Revision.etag(row.version())).body(view(row));
    }
}
