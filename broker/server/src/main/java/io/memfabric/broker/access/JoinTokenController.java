package io.memfabric.broker.access;

import io.memfabric.broker.database.Ledger;
import io.memfabric.broker.web.Problem;
import io.memfabric.broker.web.ProblemCode;
import io.memfabric.broker.web.Required;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestAttribute;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

@RestController
class JoinTokenController {

    private static final int LONGEST_NAME = 253;

    private final Access access;
    private final IdempotencyKeys keys;
    private final Ledger ledger;

    JoinTokenController(Access access, IdempotencyKeys keys, Ledger ledger) {
        this.access = access;
        this.keys = keys;
        this.ledger = ledger;
    }

    record JoinTokenRequest(@Nullable String hostName) {}

    @PostMapping("/api/v1/join-tokens")
    @ResponseStatus(HttpStatus.CREATED)
    Access.Issued create(
            @RequestAttribute(Caller.ATTRIBUTE) Caller.Api caller,
            @RequestHeader(name = "Idempotency-Key", required = false) @Nullable String key,
            @RequestBody JoinTokenRequest request) {
        String name = Required.field("hostName", request.hostName());
        if (name.isBlank()
                || name.length() > LONGEST_NAME
                || name.chars().anyMatch(Character::isISOControl)) {
            throw new Problem(
                    ProblemCode.INVALID_HOST_NAME,
                    "hostName must have 1 to 253 characters and no control characters.");
        }
        if (key == null) {
            return ledger.change(() -> access.issueJoinToken(name));
        }
        IdempotencyKeys.Use use = IdempotencyKeys.Use.of(caller.id(), key, "join token " + name);
        return ledger.change(
                () ->
                        keys.once(
                                use,
                                Access.Issued.class,
                                () -> access.issueJoinToken(name),
                                issued -> new Access.Issued(null, issued.expiresAt())));
    }
}
