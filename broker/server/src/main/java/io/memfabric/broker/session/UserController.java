package io.memfabric.broker.session;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.memfabric.broker.access.Caller;
import io.memfabric.broker.access.IdempotencyKeys;
import io.memfabric.broker.access.Role;
import io.memfabric.broker.audit.Audit;
import io.memfabric.broker.database.Ledger;
import io.memfabric.broker.web.Page;
import io.memfabric.broker.web.PageQuery;
import io.memfabric.broker.web.Problem;
import io.memfabric.broker.web.ProblemCode;
import io.memfabric.broker.web.Required;
import java.net.URI;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
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

/// The people who sign in with a password of this broker: an admin makes them and ends them.
@RestController
class UserController {

    private static final Pattern NAME = Pattern.compile("[a-zA-Z0-9][a-zA-Z0-9._@-]{0,63}");

    private final LocalUsers users;
    private final IdempotencyKeys keys;
    private final Audit audit;
    private final Ledger ledger;
    private final SecureRandom random = new SecureRandom();

    UserController(LocalUsers users, IdempotencyKeys keys, Audit audit, Ledger ledger) {
        this.users = users;
        this.keys = keys;
        this.audit = audit;
        this.ledger = ledger;
    }

    record UserRequest(@Nullable Spec spec) {}

    record Spec(@Nullable String name, @Nullable UUID tenantId, @Nullable List<String> roles) {}

    /// @param password the first one, in the answer to its making and never again
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record UserView(UUID id, ViewSpec spec, Status status, @Nullable String password) {}

    record ViewSpec(String name, UUID tenantId, List<String> roles) {}

    record Status(Instant createdAt, Instant passwordChangedAt) {}

    @GetMapping("/api/v1/users")
    Page<UserView> list(
            @RequestParam(required = false) @Nullable String order,
            @RequestParam(required = false) @Nullable Integer pageSize,
            @RequestParam(required = false) @Nullable String pageToken) {
        PageQuery query = PageQuery.of(pageSize, pageToken);
        return Page.of(
                query,
                users.list(order, query),
                account -> account.id().toString(),
                account -> view(account, null));
    }

    @PostMapping("/api/v1/users")
    ResponseEntity<UserView> create(
            @RequestAttribute(Caller.ATTRIBUTE) Caller.Api caller,
            @RequestHeader(name = "Idempotency-Key", required = false) @Nullable String key,
            @RequestBody UserRequest request) {
        IdempotencyKeys.Use use = IdempotencyKeys.Use.of(caller.id(), key, "user " + request);
        Spec spec = Required.field("spec", request.spec());
        String name = name(Required.field("spec.name", spec.name()));
        Set<Role> roles = roles(Required.field("spec.roles", spec.roles()));
        UUID tenantId = spec.tenantId() == null ? caller.tenantId() : spec.tenantId();
        String password = FirstPassword.make(random);
        String hash = users.hash(password);
        UserView made =
                ledger.change(
                        () ->
                                keys.once(
                                        use,
                                        UserView.class,
                                        () -> view(make(name, tenantId, roles, hash), password),
                                        UserController::withoutPassword));
        return ResponseEntity.created(URI.create("/api/v1/users/" + made.id())).body(made);
    }

    @DeleteMapping("/api/v1/users/{id}")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void end(@PathVariable UUID id) {
        ledger.run(
                () -> {
                    LocalUsers.Account account =
                            users.find(id).orElseThrow(() -> Problem.notFound("user", id));
                    if (!users.remove(id)) {
                        throw new Problem(
                                ProblemCode.LAST_ADMIN,
                                account.name() + " is the only admin with a password here.");
                    }
                    tell("user_ended", account, "The account " + account.name() + " was ended.");
                });
    }

    private LocalUsers.Account make(String name, UUID tenantId, Set<Role> roles, String hash) {
        if (users.isNameTaken(name)) {
            throw new Problem(
                    ProblemCode.NAME_TAKEN, "Somebody has the name " + name + " already.");
        }
        if (!users.hasTenant(tenantId)) {
            throw Problem.notFound("tenant", tenantId);
        }
        LocalUsers.Account account = users.add(name, tenantId, roles, hash);
        tell(
                "user_created",
                account,
                "The account %s with the roles %s.".formatted(name, account.roles()));
        return account;
    }

    private void tell(String action, LocalUsers.Account account, String detail) {
        audit.add(new Audit.Entry(action, "user/" + account.id(), account.tenantId(), detail));
    }

    private static String name(String wanted) {
        if (!NAME.matcher(wanted).matches()) {
            throw new Problem(
                    ProblemCode.INVALID_NAME,
                    "name must have 1 to 64 letters, digits, dots, dashes, underscores or @.");
        }
        return wanted;
    }

    private static Set<Role> roles(List<String> names) {
        Set<Role> roles = EnumSet.noneOf(Role.class);
        for (String name : names) {
            roles.add(
                    Role.of(name)
                            .orElseThrow(
                                    () ->
                                            new Problem(
                                                    ProblemCode.INVALID_ROLES,
                                                    "A role is unknown.")));
        }
        if (roles.isEmpty()) {
            throw new Problem(ProblemCode.INVALID_ROLES, "A person needs a role.");
        }
        return roles;
    }

    private static UserView view(LocalUsers.Account account, @Nullable String password) {
        return new UserView(
                account.id(),
                new ViewSpec(
                        account.name(),
                        account.tenantId(),
                        List.of(account.roles().split(" ", -1))),
                new Status(account.createdAt(), account.passwordChangedAt()),
                password);
    }

    private static UserView withoutPassword(UserView view) {
        return new UserView(view.id(), view.spec(), view.status(), null);
    }
}
