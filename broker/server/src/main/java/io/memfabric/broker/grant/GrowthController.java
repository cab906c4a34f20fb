package io.memfabric.broker.grant;

import io.memfabric.broker.access.Caller;
import io.memfabric.broker.database.Ledger;
import io.memfabric.broker.database.TimeOrderedId;
import io.memfabric.broker.inventory.Inventory;
import io.memfabric.broker.policy.NoticeClass;
import io.memfabric.broker.policy.ledger.Overtaken;
import io.memfabric.broker.recovery.Recovery;
import io.memfabric.broker.web.Problem;
import io.memfabric.broker.web.ProblemCode;
import io.memfabric.contract.agent.GrowthReply;
import io.memfabric.contract.agent.GrowthRequest;
import io.memfabric.contract.vocabulary.AttachMode;
import io.memfabric.contract.vocabulary.FabricLimits;
import io.memfabric.contract.vocabulary.LatencyClass;
import java.time.InstantSource;
import java.util.Optional;
import java.util.UUID;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestAttribute;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;

/// Grants that hosts ask for by themselves, for VMs whose policy allows it. What begins here is a
/// grant like any other.
@RestController
class GrowthController {

    private final Ledger ledger;
    private final Inventory inventory;
    private final Creation creation;
    private final Release release;
    private final GrownGrants grown;
    private final GrantRepository grants;
    private final Recovery recovery;
    private final InstantSource clock;

    GrowthController(
            Ledger ledger,
            Inventory inventory,
            Creation creation,
            Release release,
            GrownGrants grown,
            GrantRepository grants,
            Recovery recovery,
            InstantSource clock) {
        this.ledger = ledger;
        this.inventory = inventory;
        this.creation = creation;
        this.release = release;
        this.grown = grown;
        this.grants = grants;
        this.recovery = recovery;
        this.clock = clock;
    }

    @PostMapping("/agent/v1/growth")
    GrowthReply grow(
            @RequestAttribute(Caller.ATTRIBUTE) Caller.Agent caller,
            @RequestBody GrowthRequest request) {
        try {
            return ledger.change(() -> grow(caller.hostId(), request));
        } catch (Overtaken e) {
            throw new Problem(
                    ProblemCode.INSUFFICIENT_CAPACITY, "Other grants took the free regions first.");
        }
    }

    private GrowthReply grow(UUID hostId, GrowthRequest request) {
        grown.lock(request.vmId());
        UUID id = grown.of(hostId, request.requestId()).orElseGet(() -> begin(hostId, request));
        return reply(id);
    }

    private UUID begin(UUID hostId, GrowthRequest request) {
        recovery.check();
        boolean isThere =
                inventory
                        .vm(request.vmId())
                        .filter(vm -> vm.row().hostId().equals(hostId))
                        .isPresent();
        if (!isThere) {
            throw Problem.notFound("vm", request.vmId());
        }
        long most = inventory.growMaxBytes(request.vmId());
        if (most == 0) {
            throw new Problem(
                    ProblemCode.GROWTH_NOT_ALLOWED, "The VM's policy does not let it grow.");
        }
        long region = FabricLimits.REGION.bytes();
        long wanted = Math.min(request.sizeBytes(), FabricLimits.GRANT_MAX.bytes());
        long whole = Math.ceilDiv(wanted, region) * region;
        if (grown.heldBytes(request.vmId()) + whole > most) {
            throw new Problem(
                    ProblemCode.GROWTH_LIMIT_REACHED,
                    "The VM may hold " + most + " bytes in grants that its host asks for.");
        }
        UUID grantId = create(new Wish(request.vmId(), whole));
        grown.note(grantId, request.requestId());
        return grantId;
    }

    private record Wish(UUID vmId, long sizeBytes) {

        GrantSpec spec(int copies) {
            return new GrantSpec(
                    vmId,
                    sizeBytes,
                    AttachMode.SWAP,
                    LatencyClass.ANY,
                    copies,
                    NoticeClass.STANDARD);
        }
    }

    /// With two copies where the fabric has room for them. A VM that is about to run out of memory
    /// is better off with one than with none.
    private UUID create(Wish wish) {
        UUID operationId = TimeOrderedId.at(clock.instant());
        try {
            return creation.create(operationId, wish.spec(2), Optional.empty()).grant();
        } catch (Problem problem) {
            if (problem.code() != ProblemCode.INSUFFICIENT_CAPACITY
                    && problem.code() != ProblemCode.QUOTA_EXCEEDED) {
                throw problem;
            }
            return creation.create(operationId, wish.spec(1), Optional.empty()).grant();
        }
    }

    @GetMapping("/agent/v1/growth/{id}")
    GrowthReply get(
            @RequestAttribute(Caller.ATTRIBUTE) Caller.Agent caller, @PathVariable UUID id) {
        return reply(find(caller.hostId(), id));
    }

    /// Ends what the request began; again, nothing is changed. What is in quarantine only an operator
    /// ends.
    @DeleteMapping("/agent/v1/growth/{id}")
    GrowthReply giveBack(
            @RequestAttribute(Caller.ATTRIBUTE) Caller.Agent caller, @PathVariable UUID id) {
        return ledger.change(
                () -> {
                    UUID grant = find(caller.hostId(), id);
                    GrantEntity it = grants.findById(grant).orElseThrow();
                    if (it.growth() == GrowthReply.State.LIVE && !it.isInQuarantine()) {
                        release.begin(grant);
                    }
                    return reply(grant);
                });
    }

    private UUID find(UUID hostId, UUID id) {
        return grown.of(hostId, id).orElseThrow(() -> Problem.notFound("grant", id));
    }

    private GrowthReply reply(UUID grantId) {
        return new GrowthReply(grantId, grants.findById(grantId).orElseThrow().growth());
    }
}
