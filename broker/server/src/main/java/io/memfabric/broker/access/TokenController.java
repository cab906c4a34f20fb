package io.memfabric.broker.access;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.memfabric.broker.audit.Audit;
import io.memfabric.broker.database.Ledger;
import io.memfabric.broker.web.Page;
import io.memfabric.broker.web.PageQuery;
import io.memfabric.broker.web.Problem;
import io.memfabric.broker.web.ProblemCode;
import io.memfabric.broker.web.Required;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestAttribute;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/// API tokens: made, listed and ended by whoever may do what they may.
@RestController
class TokenController {

    private static final Pattern NAME = Pattern.compile("[a-zA-Z0-9][a-zA-Z0-9._-]{0,63}");
    private static final Duration SIGNED_LIFE = Duration.ofMinutes(15);

    private final Access access;
    private final ApiTokens tokens;
    private final ApiRoutes routes;
    private final Jwts jwts;
    private final IdempotencyKeys keys;
    private final Audit audit;
    private final Ledger ledger;
    private final InstantSource clock;

    TokenController(
            Access access,
            ApiTokens tokens,
            ApiRoutes routes,
            Jwts jwts,
            IdempotencyKeys keys,
            Audit audit,
            Ledger ledger,
            InstantSource clock) {
        this.access = access;
        this.tokens = tokens;
        this.routes = routes;
        this.jwts = jwts;
        this.keys = keys;
        this.audit = audit;
        this.ledger = ledger;
        this.clock = clock;
    }

    record TokenRequest(@Nullable Spec spec) {}

    record Spec(
            @Nullable String name,
            @Nullable UUID tenantId,
            @Nullable List<String> roles,
            @Nullable List<String> scopes,
            @Nullable Instant expiresAt) {}

    /// @param token the token itself, in the answer to its making and never again
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record TokenView(UUID id, ViewSpec spec, Status status, @Nullable String token) {}

    @JsonInclude(JsonInclude.Include.NON_NULL)
    record ViewSpec(
            String name,
            UUID tenantId,
            Set<String> roles,
            Set<String> scopes,
            @Nullable Instant expiresAt) {}

    record Status(String createdBy, Instant createdAt, boolean expired) {}

    record SignedToken(String token, Instant expiresAt) {}

    @GetMapping("/api/v1/tokens")
    Page<TokenView> list(
            @RequestAttribute(Caller.ATTRIBUTE) Caller.Api caller,
            @RequestParam(required = false) @Nullable UUID tenantId,
            @RequestParam(required = false) @Nullable String name,
            @RequestParam(required = false) @Nullable String order,
            @RequestParam(required = false) @Nullable Integer pageSize,
            @RequestParam(required = false) @Nullable String pageToken) {
        PageQuery query = PageQuery.of(pageSize, pageToken);
        return Page.of(
                query,
                tokens.list(
                        new ApiTokens.ListFilter(
                                caller.onlyTenant().orElse(null), tenantId, name, order),
                        query),
                row -> row.id().toString(),
                row -> view(row, null));
    }

    @PostMapping("/api/v1/tokens")
    ResponseEntity<TokenView> create(
            @RequestAttribute(Caller.ATTRIBUTE) Caller.Api caller,
            @RequestHeader(name = "Idempotency-Key", required = false) @Nullable String key,
            @RequestBody TokenRequest request) {
        IdempotencyKeys.Use use = IdempotencyKeys.Use.of(caller.id(), key, "token " + request);
        ApiTokens.Draft draft = draft(caller, Required.field("spec", request.spec()));
        TokenView made =
                ledger.change(
                        () ->
                                keys.once(
                                        use,
                                        TokenView.class,
                                        () -> make(draft),
                                        TokenController::withoutSecret));
        return ResponseEntity.created(URI.create("/api/v1/tokens/" + made.id())).body(made);
    }

    @DeleteMapping("/api/v1/tokens/{id}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void revoke(@PathVariable UUID id) {
        ledger.run(
                () -> {
                    ApiTokens.Row row =
                            tokens.byId(id).orElseThrow(() -> Problem.notFound("token", id));
                    tokens.revoke(id);
                    audit.add(
                            new Audit.Entry(
                                    "token_revoked",
                                    "token/" + id,
                                    row.tenantId(),
                                    "Token " + row.name() + " was ended."));
                });
    }

    /// A signed token that stands for the one that is shown, for a quarter of an hour.
    @PostMapping("/api/v1/tokens:sign")
    SignedToken sign(@RequestAttribute(Caller.ATTRIBUTE) Caller.Api caller) {
        ApiTokens.Row row =
                tokens.byId(caller.id())
                        .orElseThrow(
                                () ->
                                        new Problem(
                                                ProblemCode.FORBIDDEN,
                                                "Only an API token is exchanged for a signed one."));
        Instant end = clock.instant().plus(SIGNED_LIFE);
        Instant expires =
                row.expiresAt() != null && row.expiresAt().isBefore(end) ? row.expiresAt() : end;
        return new SignedToken(jwts.sign(caller, expires), expires);
    }

    private TokenView make(ApiTokens.Draft draft) {
        if (tokens.isNameTaken(draft.tenantId(), draft.name())) {
            throw new Problem(
                    ProblemCode.NAME_TAKEN, "The tenant has a token " + draft.name() + " already.");
        }
        if (!tokens.hasTenant(draft.tenantId())) {
            throw Problem.notFound("tenant", draft.tenantId());
        }
        Access.NewToken issued = access.issue(draft);
        audit.add(
                new Audit.Entry(
                        "token_created",
                        "token/" + issued.id(),
                        draft.tenantId(),
                        "Token %s with the roles %s."
                                .formatted(
                                        draft.name(),
                                        new TreeSet<>(
                                                draft.roles().stream().map(Role::wire).toList()))));
        return view(tokens.byId(issued.id()).orElseThrow(), issued.token());
    }

    private ApiTokens.Draft draft(Caller.Api caller, Spec spec) {
        String name = Required.field("spec.name", spec.name());
        if (!NAME.matcher(name).matches()) {
            throw new Problem(
                    ProblemCode.INVALID_NAME,
                    "name must have 1 to 64 letters, digits, dots, dashes or underscores.");
        }
        Instant expires = spec.expiresAt();
        if (expires != null && !expires.isAfter(clock.instant())) {
            throw new Problem(ProblemCode.INVALID_EXPIRY, "expiresAt must lie in the future.");
        }
        UUID tenantId = spec.tenantId() == null ? caller.tenantId() : spec.tenantId();
        if (caller.onlyTenant().filter(own -> !own.equals(tenantId)).isPresent()) {
            throw Problem.notFound("tenant", tenantId);
        }
        return new ApiTokens.Draft(
                name,
                tenantId,
                roles(caller, Required.field("spec.roles", spec.roles())),
                scopes(caller, spec.scopes() == null ? List.of() : spec.scopes()),
                expires,
                caller.actor());
    }

    /// Nobody gives what he has not got: an operator of a tenant makes viewers and operators of it.
    private static Set<Role> roles(Caller.Api caller, List<String> names) {
        Set<Role> wanted = EnumSet.noneOf(Role.class);
        for (String name : names) {
            wanted.add(
                    Role.of(name)
                            .filter(role -> mayGive(caller, role))
                            .orElseThrow(
                                    () ->
                                            new Problem(
                                                    ProblemCode.INVALID_ROLES,
                                                    "A role is unknown, or not yours to give.")));
        }
        if (wanted.isEmpty()) {
            throw new Problem(ProblemCode.INVALID_ROLES, "A token needs a role.");
        }
        return wanted;
    }

    private static boolean mayGive(Caller.Api caller, Role role) {
        return caller.roles().contains(Role.ADMIN)
                || (caller.roles().contains(Role.TENANT_OPERATOR)
                        && (role == Role.TENANT_VIEWER || role == Role.TENANT_OPERATOR));
    }

    private Set<String> scopes(Caller.Api caller, List<String> wanted) {
        List<String> groups = routes.groups();
        for (String scope : wanted) {
            int colon = scope.indexOf(':');
            String access = scope.substring(colon + 1);
            if (colon < 0
                    || !groups.contains(scope.substring(0, colon))
                    || !(access.equals("read") || access.equals("write"))) {
                throw new Problem(
                        ProblemCode.INVALID_SCOPES,
                        "A scope is one of " + groups + " with :read or :write.");
            }
        }
        if (!caller.scopes().isEmpty()
                && (wanted.isEmpty() || !caller.scopes().containsAll(wanted))) {
            throw new Problem(
                    ProblemCode.INVALID_SCOPES, "A token gives no scope that it has not got.");
        }
        return Set.copyOf(wanted);
    }

    private static TokenView withoutSecret(TokenView view) {
        return new TokenView(view.id(), view.spec(), view.status(), null);
    }

    private TokenView view(ApiTokens.Row row, @Nullable String token) {
        return new TokenView(
                row.id(),
                new ViewSpec(
                        row.name(),
                        row.tenantId(),
                        new TreeSet<>(row.roleSet().stream().map(Role::wire).toList()),
                        new TreeSet<>(row.scopeSet()),
                        row.expiresAt()),
                new Status(row.createdBy(), row.createdAt(), !row.isValid(clock.instant())),
                token);
    }
}
