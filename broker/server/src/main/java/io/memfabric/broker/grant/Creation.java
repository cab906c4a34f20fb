package io.memfabric.broker.grant;

import io.memfabric.broker.database.TimeOrderedId;
import io.memfabric.broker.inventory.HostRow;
import io.memfabric.broker.inventory.Inventory;
import io.memfabric.broker.operation.OperationKind;
import io.memfabric.broker.operation.OperationView;
import io.memfabric.broker.operation.Operations;
import io.memfabric.broker.policy.GrantLife;
import io.memfabric.broker.policy.PlacementDecision;
import io.memfabric.broker.policy.PlacementPolicy;
import io.memfabric.broker.policy.PlacementRequest;
import io.memfabric.broker.tenant.Tenants;
import io.memfabric.broker.web.Problem;
import io.memfabric.broker.web.ProblemCode;
import io.memfabric.contract.agent.VmReport;
import io.memfabric.contract.vocabulary.AttachMode;
import io.memfabric.contract.vocabulary.FabricLimits;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.springframework.stereotype.Component;

/// Makes a grant: checks, places, claims, and begins its life, all in the transaction at hand.
@Component
class Creation {

    private static final int FIRST_SHARE = 0;

    private final Inventory inventory;
    private final Shares shares;
    private final GrantRepository grants;
    private final GrantParts parts;
    private final GrantLives lives;
    private final Operations operations;
    private final Tenants tenants;
    private final InstantSource clock;

    Creation(
            Inventory inventory,
            Shares shares,
            GrantRepository grants,
            GrantParts parts,
            GrantLives lives,
            Operations operations,
            Tenants tenants,
            InstantSource clock) {
        this.inventory = inventory;
        this.shares = shares;
        this.grants = grants;
        this.parts = parts;
        this.lives = lives;
        this.operations = operations;
        this.tenants = tenants;
        this.clock = clock;
    }

    /// @param only the caller's tenant, where he may know of no other
    OperationView create(UUID operationId, GrantSpec spec, Optional<UUID> only) {
        long region = FabricLimits.REGION.bytes();
        int extents = Math.toIntExact(Math.ceilDiv(spec.sizeBytes(), region));
        tenants.admit(spec.vmId(), only, spec.latencyClass(), extents * region * spec.copies());
        UUID borrowerId = borrower(spec);
        Map<UUID, HostRow> hosts = shares.hosts();
        List<List<UUID>> places = place(spec, borrowerId, extents, hosts);

        Instant now = clock.instant();
        GrantEntity grant =
                grants.saveAndFlush(
                        new GrantEntity(TimeOrderedId.at(now), spec, borrowerId, extents, now));
        Shares.Claimed claimed = shares.claim(grant.id(), FIRST_SHARE, inOrder(places), hosts);
        parts.addExtents(grant.id(), extents);
        parts.addShares(grant, claimed, now);
        OperationView operation =
                operations.begin(operationId, OperationKind.GRANT_CREATE, grant.id());
        lives.begin(grant, GrantLife.begin(claimed.lenders().size(), spec.copies() > 1));
        return operation;
    }

    private UUID borrower(GrantSpec spec) {
        Inventory.VmNow vm =
                inventory.vm(spec.vmId()).orElseThrow(() -> Problem.notFound("vm", spec.vmId()));
        if (!vm.reachable()) {
            throw new Problem(
                    ProblemCode.HOST_UNREACHABLE, "The VM's host has not been heard for a while.");
        }
        if (vm.state() != VmReport.State.RUNNING) {
            throw new Problem(ProblemCode.VM_NOT_RUNNING, "The VM is " + vm.state() + ".");
        }
        if (spec.attachMode() == AttachMode.SWAP && !vm.guestDaemon()) {
            throw new Problem(
                    ProblemCode.GUEST_DAEMON_MISSING,
                    "Mode SWAP needs the balloon daemon in the guest, and it was not heard.");
        }
        return vm.row().hostId();
    }

    private List<List<UUID>> place(
            GrantSpec spec, UUID borrowerId, int extents, Map<UUID, HostRow> hosts) {
        PlacementRequest request =
                new PlacementRequest(borrowerId, extents, spec.copies(), spec.latencyClass());
        return switch (PlacementPolicy.place(request, shares.candidates(hosts))) {
            case PlacementDecision.Placed placed -> placed.legs();
            case PlacementDecision.Refused refused ->
                    throw new Problem(
                            ProblemCode.of(refused.failure().code()), refused.failure().detail());
        };
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
