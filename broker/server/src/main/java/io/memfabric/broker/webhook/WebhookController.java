package io.memfabric.broker.webhook;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.memfabric.broker.access.Caller;
import io.memfabric.broker.access.IdempotencyKeys;
import io.memfabric.broker.access.Secret;
import io.memfabric.broker.audit.Audit;
import io.memfabric.broker.database.Ledger;
import io.memfabric.broker.database.TimeOrderedId;
import io.memfabric.broker.event.Events;
import io.memfabric.broker.web.Page;
import io.memfabric.broker.web.PageQuery;
import io.memfabric.broker.web.Problem;
import io.memfabric.broker.web.ProblemCode;
import io.memfabric.broker.web.Required;
import io.memfabric.broker.web.Revision;
import java.net.URI;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.regex.Pattern;
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
class WebhookController {

    private static final int LONGEST_URL = 2000;
    private static final int MOST_TYPES = 50;
    private static final Pattern TYPE = Pattern.compile("[a-z]+(_[a-z]+)*");

    private final WebhookRows rows;
    private final Events events;
    private final IdempotencyKeys keys;
    private final Ledger ledger;
    private final Audit audit;
    private final InstantSource clock;

    WebhookController(
            WebhookRows rows,
            Events events,
            IdempotencyKeys keys,
            Ledger ledger,
            Audit audit,
            InstantSource clock) {
        this.rows = rows;
        this.events = events;
        this.keys = keys;
        this.ledger = ledger;
        this.audit = audit;
        this.clock = clock;
    }

    record WebhookRequest(@Nullable Spec spec) {}

    record Spec(@Nullable String url, @Nullable List<String> types) {}

    record WebhookPatch(@Nullable SpecPatch spec) {}

    record SpecPatch(WebhookRows.@Nullable State state) {}

    /// @param secret what messages are signed with, in the answer to its making and never again
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record WebhookView(
            UUID id,
            Instant createdAt,
            long revision,
            ViewSpec spec,
            Status status,
            @Nullable String secret) {}

    record ViewSpec(String url, Set<String> types, WebhookRows.State state) {}

    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Status(
            String createdBy, long lastEventId, int failedAttempts, @Nullable String lastError) {}

    @GetMapping("/api/v1/webhooks")
    Page<WebhookView> list(
            @RequestParam(required = false) @Nullable List<WebhookRows.State> state,
            @RequestParam(required = false) @Nullable String order,
            @RequestParam(required = false) @Nullable Integer pageSize,
            @RequestParam(required = false) @Nullable String pageToken) {
        PageQuery query = PageQuery.of(pageSize, pageToken);
        return Page.of(
                query,
                rows.list(state, order, query),
                row -> row.id().toString(),
                row -> view(row, null));
    }

    @GetMapping("/api/v1/webhooks/{id}")
    ResponseEntity<WebhookView> get(@PathVariable UUID id) {
        return answer(find(id));
    }

    @PostMapping("/api/v1/webhooks")
    ResponseEntity<WebhookView> create(
            @RequestAttribute(Caller.ATTRIBUTE) Caller.Api caller,
            @RequestHeader(name = "Idempotency-Key", required = false) @Nullable String key,
            @RequestBody WebhookRequest request) {
        Spec spec = Required.field("spec", request.spec());
        String url = url(Required.field("spec.url", spec.url()));
        List<String> types = types(spec.types() == null ? List.of() : spec.types());
        IdempotencyKeys.Use use = IdempotencyKeys.Use.of(caller.id(), key, "webhook " + spec);
        WebhookView made =
                ledger.change(
                        () ->
                                keys.once(
                                        use,
                                        WebhookView.class,
                                        () -> make(url, types, caller.actor()),
                                        WebhookController::withoutSecret));
        return ResponseEntity.created(URI.create("/api/v1/webhooks/" + made.id()))
                .eTag(Revision.etag(made.revision()))
                .body(made);
    }

    @PatchMapping("/api/v1/webhooks/{id}")
    ResponseEntity<WebhookView> change(
            @PathVariable UUID id,
            @RequestHeader(name = HttpHeaders.IF_MATCH, required = false) @Nullable String ifMatch,
            @RequestBody WebhookPatch patch) {
        WebhookRows.State state =
                Required.field("spec.state", Required.field("spec", patch.spec()).state());
        long expected = Revision.required(ifMatch);
        return answer(
                ledger.change(
                        () -> {
                            Revision.check(expected, find(id).revision());
                            rows.setState(id, state, clock.instant());
                            tell("webhook_changed", id, "It is " + state + ".");
                            return find(id);
                        }));
    }

    @DeleteMapping("/api/v1/webhooks/{id}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void delete(
            @PathVariable UUID id,
            @RequestHeader(name = HttpHeaders.IF_MATCH, required = false)
                    @Nullable String ifMatch) {
        ledger.run(
                () -> {
                    Revision.checkIfNamed(ifMatch, find(id).revision());
                    rows.delete(id);
                    tell("webhook_deleted", id, "It is told of nothing more.");
                });
    }

    private WebhookView make(String url, List<String> types, String by) {
        Instant now = clock.instant();
        WebhookRows.Row row =
                new WebhookRows.Row(
                        TimeOrderedId.at(now),
                        url,
                        String.join(" ", types),
                        Secret.make("mfw_"),
                        WebhookRows.State.ACTIVE,
                        events.last(),
                        0,
                        null,
                        by,
                        now,
                        0);
        rows.add(row, now);
        tell("webhook_created", row.id(), "It is told of events at " + URI.create(url).getHost());
        return view(row, row.secret());
    }

    private static String url(String text) {
        try {
            URI uri = URI.create(text);
            boolean http = "https".equals(uri.getScheme()) || "http".equals(uri.getScheme());
            if (http
                    && uri.getHost() != null
                    && uri.getUserInfo() == null
                    && uri.getFragment() == null
                    && text.length() <= LONGEST_URL) {
                return text;
            }
        } catch (IllegalArgumentException e) {
            throw invalid("url is not one.");
        }
        throw invalid("url must be http or https, with a host and without a user.");
    }

    private static List<String> types(List<String> names) {
        if (names.size() > MOST_TYPES
                || !names.stream().allMatch(name -> TYPE.matcher(name).matches())) {
            throw invalid("types must be at most 50 types of events.");
        }
        return names.stream().distinct().sorted().toList();
    }

    private static Problem invalid(String detail) {
        return new Problem(ProblemCode.INVALID_WEBHOOK, detail);
    }

    private void tell(String action, UUID id, String detail) {
        audit.add(new Audit.Entry(action, "webhook/" + id, null, detail));
    }

    private WebhookRows.Row find(UUID id) {
        return rows.find(id).orElseThrow(() -> Problem.notFound("webhook", id));
    }

    private static WebhookView withoutSecret(WebhookView view) {
        return new WebhookView(
                view.id(), view.createdAt(), view.revision(), view.spec(), view.status(), null);
    }

    private static WebhookView view(WebhookRows.Row row, @Nullable String secret) {
        return new WebhookView(
                row.id(),
                row.createdAt(),
                row.revision(),
                new ViewSpec(row.url(), new TreeSet<>(row.typeSet()), row.state()),
                new Status(row.createdBy(), row.afterEvent(), row.attempts(), row.lastError()),
                secret);
    }

    private static ResponseEntity<WebhookView> answer(WebhookRows.Row row) {
        return ResponseEntity.ok().eTag(Revision.etag(row.revision())).body(view(row, null));
    }
}
