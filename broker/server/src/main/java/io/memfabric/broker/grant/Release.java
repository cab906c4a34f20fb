package io.memfabric.broker.grant;

import io.memfabric.broker.database.TimeOrderedId;
import io.memfabric.broker.operation.OperationKind;
import io.memfabric.broker.operation.OperationView;
import io.memfabric.broker.operation.Operations;
import io.memfabric.broker.policy.GrantEvent;
import io.memfabric.broker.recovery.Recovery;
import io.memfabric.broker.web.Problem;
import io.memfabric.broker.web.ProblemCode;
import java.time.InstantSource;
import java.util.Optional;
import java.util.UUID;
import org.springframework.stereotype.Component;

/// Begins the end of a grant, in the transaction at hand.
@Component
class Release {

    private final GrantRepository grants;
    private final GrantLives lives;
    private final Operations operations;
    private final Recovery recovery;
    private final InstantSource clock;

    Release(
            GrantRepository grants,
            GrantLives lives,
            Operations operations,
            Recovery recovery,
            InstantSource clock) {
        this.grants = grants;
        this.lives = lives;
        this.operations = operations;
        this.recovery = recovery;
        this.clock = clock;
    }

    /// The operation that ends it: the one under way, or a new one.
    OperationView begin(UUID id) {
        GrantEntity grant = grants.lock(id).orElseThrow(() -> Problem.notFound("grant", id));
        Optional<OperationView> open = operations.open(id, OperationKind.GRANT_RELEASE);
        if (open.isPresent()) {
            return open.get();
        }
        recovery.check();
        if (!lives.load(grant).isReleasable()) {
            throw new Problem(
                    ProblemCode.GRANT_NOT_LIVE,
                    "The grant is " + grant.state() + " and holds nothing.");
        }
        UUID operationId = TimeOrderedId.at(clock.instant());
        OperationView operation = operations.begin(operationId, OperationKind.GRANT_RELEASE, id);
        lives.apply(grant, new GrantEvent.ReleaseRequested());
        return operations.get(operationId).orElse(operation);
    }
}
