package io.memfabric.broker.recall;

import io.memfabric.broker.access.Caller;
import io.memfabric.broker.database.Ledger;
import io.memfabric.broker.inventory.HostRow;
import io.memfabric.broker.inventory.Inventory;
import io.memfabric.broker.web.Page;
import io.memfabric.broker.web.PageQuery;
import io.memfabric.broker.web.Problem;
import io.memfabric.broker.web.ProblemCode;
import io.memfabric.broker.web.Required;
import io.memfabric.contract.vocabulary.FabricLimits;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
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
class RecallController {

    private static final long REGION = FabricLimits.REGION.bytes();
    private static final int SOON = 60;
    private static final int DAY = 86_400;
    private static final int LONGEST_KEY = 200;

    private final Recalls recalls;
    private final RecallRows rows;
    private final Inventory inventory;
    private final Ledger ledger;

    RecallController(Recalls recalls, RecallRows rows, Inventory inventory, Ledger ledger) {
        this.recalls = recalls;
        this.rows = rows;
        this.inventory = inventory;
        this.ledger = ledger;
    }

    record Request(@Nullable Spec spec) {}

    record Spec(@Nullable Long bytes, @Nullable Integer deadlineSeconds) {}

    /// One key is one recall, so that a request that comes again recalls nothing more.
    @PostMapping("/api/v1/hosts/{id}/recalls")
    ResponseEntity<RecallView> begin(
            @RequestAttribute(Caller.ATTRIBUTE) Caller.Api caller,
            @PathVariable UUID id,
            @RequestHeader(name = "Idempotency-Key", required = false) @Nullable String key,
            @RequestBody Request request) {
        if (key == null || key.isEmpty() || key.length() > LONGEST_KEY) {
            throw new Problem(
                    ProblemCode.IDEMPOTENCY_KEY_REQUIRED,
                    "The header Idempotency-Key must have 1 to " + LONGEST_KEY + " characters.");
        }
        Spec spec = Required.field("spec", request.spec());
        long bytes = Required.field("spec.bytes", spec.bytes());
        int seconds = spec.deadlineSeconds() == null ? SOON : spec.deadlineSeconds();
        if (bytes < 1 || bytes > FabricLimits.GRANT_MAX.bytes()) {
            throw new Problem(
                    ProblemCode.INVALID_SIZE,
                    "bytes must be 1 to " + FabricLimits.GRANT_MAX.bytes() + ".");
        }
        if (seconds < 1 || seconds > DAY) {
            throw new Problem(
                    ProblemCode.INVALID_DEADLINE, "deadlineSeconds must be 1 to " + DAY + ".");
        }
        UUID recallId =
                UUID.nameUUIDFromBytes(
                        ("recall " + caller.id() + " " + key).getBytes(StandardCharsets.UTF_8));
        Recall begun = ledger.change(() -> begin(recallId, id, bytes, seconds));
        recalls.advance(begun.id());
        return ResponseEntity.accepted()
                .location(URI.create("/api/v1/recalls/" + begun.id()))
                .body(view(rows.find(begun.id()).orElse(begun)));
    }

    private Recall begin(UUID recallId, UUID hostId, long bytes, int seconds) {
        HostRow host = inventory.host(hostId).orElseThrow(() -> Problem.notFound("host", hostId));
        Optional<Recall> earlier = rows.find(recallId);
        if (earlier.isPresent()) {
            if (!earlier.get().hostId().equals(hostId)) {
                throw new Problem(
                        ProblemCode.IDEMPOTENCY_KEY_REUSED, "The key was used for another host.");
            }
            return earlier.get();
        }
        if (rows.lockOpenAt(hostId).filter(r -> r.reason() != Recall.Reason.SHORTAGE).isPresent()) {
            throw new Problem(
                    ProblemCode.RECALL_OPEN, "Memory of this host is being recalled already.");
        }
        recalls.replaceOpen(hostId);
        int offered = host.regions().offered();
        int keep = (int) Math.max(0, offered - Math.ceilDiv(bytes, REGION));
        return recalls.open(
                recalls.fresh(
                        recallId, host, Recall.Reason.OPERATOR, keep, Duration.ofSeconds(seconds)));
    }

    @GetMapping("/api/v1/recalls")
    Page<RecallView> list(
            @RequestParam(required = false) @Nullable UUID hostId,
            @RequestParam(required = false) @Nullable List<Recall.State> state,
            @RequestParam(required = false) @Nullable String order,
            @RequestParam(required = false) @Nullable Integer pageSize,
            @RequestParam(required = false) @Nullable String pageToken) {
        PageQuery query = PageQuery.of(pageSize, pageToken);
        return Page.of(
                query,
                rows.list(hostId, state, order, query),
                recall -> recall.id().toString(),
                this::view);
    }

    @GetMapping("/api/v1/recalls/{id}")
    RecallView get(@PathVariable UUID id) {
        return view(find(id));
    }

    /// Ends a recall: the host may lend again; what is under way goes on.
    @DeleteMapping("/api/v1/recalls/{id}")
    RecallView end(@PathVariable UUID id) {
        return ledger.change(
                () -> {
                    Recall recall = find(id);
                    if (recall.state() != Recall.State.ENDED) {
                        recalls.end(recall);
                    }
                    return view(find(id));
                });
    }

    private Recall find(UUID id) {
        return rows.find(id).orElseThrow(() -> Problem.notFound("recall", id));
    }

    private RecallView view(Recall recall) {
        int offered =
                inventory.host(recall.hostId()).map(host -> host.regions().offered()).orElse(0);
        return RecallView.of(recall, offered);
    }
}
