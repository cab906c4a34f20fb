package io.memfabric.broker.grant;

import io.memfabric.broker.database.TimeOrderedId;
import io.memfabric.broker.operation.OperationKind;
import io.memfabric.broker.operation.OperationView;
import io.memfabric.broker.operation.Operations;
import io.memfabric.broker.policy.GrantLife;
import io.memfabric.broker.policy.PlacementDecision;
import io.memfabric.broker.tenant.Tenants;
import io.memfabric.broker.web.Problem;
import io.memfabric.broker.web.ProblemCode;
import io.memfabric.contract.vocabulary.FabricLimits;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.BiFunction;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/// Makes a grant: checks, places, claims, and begins its life, all in the transaction at hand.
@Component
class Creation {

    private static final int FIRST_SHARE = 0;

    private final Placing placing;
    private final Shares shares;
    private final GrantParts parts;
    private final GrantLives lives;
    private final Operations operations;
    private final Tenants tenants;
    private final JsonMapper json;
    private final InstantSource clock;

    Creation(
            Placing placing,
            Shares shares,
            GrantParts parts,
            GrantLives lives,
            Operations operations,
            Tenants tenants,
            JsonMapper json,
            InstantSource clock) {
        this.placing = placing;
        this.shares = shares;
        this.parts = parts;
        this.lives = lives;
        this.operations = operations;
        this.tenants = tenants;
        this.json = json;
        this.clock = clock;
    }

    /// Where a grant would go, or why nowhere, without making it.
    ///
    /// @param only the caller's tenant, where he may know of no other
    PlacementView validate(GrantSpec spec, Optional<UUID> only) {
        return decide(spec, only).view();
    }

    private Placing.Decided decide(GrantSpec spec, Optional<UUID> only) {
        tenants.admit(spec.vmId(), only, spec.latencyClass(), heldBytes(spec));
        return placing.decide(spec);
    }

    /// Where a further device of a grant would go, or why nowhere, without making it.
    PlacementView validatePart(GrantEntity grant, long bytes, Optional<UUID> only) {
        return decidePart(grant.specOf(bytes), only).view();
    }

    private Placing.Decided decidePart(GrantSpec spec, Optional<UUID> only) {
        tenants.admitMore(spec.vmId(), only, spec.latencyClass(), heldBytes(spec));
        return placing.decide(spec);
    }

    private static long heldBytes(GrantSpec spec) {
        long region = FabricLimits.REGION.bytes();
        return Math.ceilDiv(spec.sizeBytes(), region) * region * spec.copies();
    }

    /// Begins a further device of a grant.
    OperationView createPart(UUID operationId, GrantEntity grant, long bytes, Optional<UUID> only) {
        GrantSpec spec = grant.specOf(bytes);
        Placing.Decided decided = decidePart(spec, only);
        if (!decided.borrowerId().equals(grant.borrowerId())) {
            throw new Problem(
                    ProblemCode.GRANT_NOT_RESIZABLE, "Its VM is not on the grant's host any more.");
        }
        return claim(
                operationId,
                spec,
                decided,
                (id, now) -> grant.part(id, spec, decided.extents(), now));
    }

    /// @param only the caller's tenant, where he may know of no other
    OperationView create(UUID operationId, GrantSpec spec, Optional<UUID> only) {
        Placing.Decided decided = decide(spec, only);
        return claim(
                operationId,
                spec,
                decided,
                (id, now) ->
                        new GrantEntity(id, spec, decided.borrowerId(), decided.extents(), now));
    }

    private OperationView claim(
            UUID operationId,
            GrantSpec spec,
            Placing.Decided decided,
            BiFunction<UUID, Instant, GrantEntity> make) {
        List<List<UUID>> places =
                switch (decided.decision()) {
                    case PlacementDecision.Placed placed -> placed.legs();
                    case PlacementDecision.Refused refused ->
                            throw new Problem(
                                    ProblemCode.of(refused.failure().code()),
                                    refused.failure().detail());
                };
        Instant now = clock.instant();
        GrantEntity grant = make.apply(TimeOrderedId.at(now), now);
        parts.add(grant, json.writeValueAsString(decided.view()));
        Shares.Claimed claimed =
                shares.claim(grant.id(), FIRST_SHARE, inOrder(places), decided.hosts());
        parts.add(grant, decided.extents(), claimed, now);
        OperationView operation =
                operations.begin(operationId, OperationKind.GRANT_CREATE, grant.id());
        lives.begin(grant, GrantLife.begin(claimed.lenders().size(), spec.copies() > 1), claimed);
        return operation;
    }

    private static List<Shares.Place> inOrder(List<List<UUID>> places) {
        List<Shares.Place> all = new ArrayList<>();
        for (int extent = 0; extent < places.size(); extent++) {
            List<UUID> hosts = places.get(extent);
            for (int leg = 0; leg < hosts.size(); leg++) {
                all.add(new Shares.Place(extent, leg, hosts.get(leg)));
            }
        }
        return all;
    }
}
