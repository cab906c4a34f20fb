package io.memfabric.broker.access;

import io.memfabric.broker.web.Problem;
import io.memfabric.broker.web.ProblemCode;
import io.memfabric.broker.web.Required;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

@RestController
class JoinTokenController {

    private static final int LONGEST_NAME = 253;

    private final Access access;

    JoinTokenController(Access access) {
        this.access = access;
    }

    record JoinTokenRequest(@Nullable String hostName) {}

    @PostMapping("/api/v1/join-tokens")
    @ResponseStatus(HttpStatus.CREATED)
    Access.Issued create(@RequestBody JoinTokenRequest request) {
        String name = Required.field("hostName", request.hostName());
        if (name.isBlank()
                || name.length() > LONGEST_NAME
                || name.chars().anyMatch(Character::isISOControl)) {
            throw new Problem(
                    ProblemCode.INVALID_HOST_NAME,
                    "hostName must have 1 to 253 characters and no control characters.");
        }
        return access.issueJoinToken(name);
    }
}
