package io.memfabric.broker.grant;

import io.memfabric.broker.database.TimeOrderedId;
import io.memfabric.broker.inventory.HostRow;
import io.memfabric.broker.inventory.Inventory;
import io.memfabric.broker.lending.Claim;
import io.memfabric.broker.lending.Lending;
import io.memfabric.broker.operation.OperationKind;
import io.memfabric.broker.operation.OperationView;
import io.memfabric.broker.operation.Operations;
import io.memfabric.broker.policy.GrantLife;
import io.memfabric.broker.policy.LenderCandidate;
import io.memfabric.broker.policy.LenderState;
import io.memfabric.broker.policy.PlacementDecision;
import io.memfabric.broker.policy.PlacementPolicy;
import io.memfabric.broker.policy.PlacementRequest;
import io.memfabric.broker.web.Problem;
import io.memfabric.broker.web.ProblemCode;
import io.memfabric.contract.agent.VmReport;
import io.memfabric.contract.vocabulary.AttachMode;
import io.memfabric.contract.vocabulary.FabricLimits;
import io.memfabric.contract.vocabulary.HarvestMode;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;
import org.springframework.stereotype.Component;

/// Makes a grant: checks, places, claims, and begins its life, all in the transaction at hand.
@Component
class Creation {

    private static final int CAPABILITY_BYTES = 16;

    private final Inventory inventory;
    private final Lending lending;
    private final GrantRepository grants;
    private final GrantParts parts;
    private final GrantLives lives;
    private final Operations operations;
    private final InstantSource clock;
    private final SecureRandom random = new SecureRandom();

    Creation(
            Inventory inventory,
            Lending lending,
            GrantRepository grants,
            GrantParts parts,
            GrantLives lives,
            Operations operations,
            InstantSource clock) {
        this.inventory = inventory;
        this.lending = lending;
        this.grants = grants;
        this.parts = parts;
        this.lives = lives;
        this.operations = operations;
        this.clock = clock;
    }

    OperationView create(UUID operationId, GrantSpec spec) {
        UUID borrowerId = borrower(spec);
        long region = FabricLimits.REGION.bytes();
        int extents = Math.toIntExact(Math.ceilDiv(spec.sizeBytes(), region));
        Map<UUID, HostRow> hosts = new HashMap<>();
        inventory.hosts().forEach(host -> hosts.put(host.id(), host));
        List<List<UUID>> places = place(spec, borrowerId, extents, hosts);

        Instant now = clock.instant();
        GrantEntity grant =
                grants.saveAndFlush(
                        new GrantEntity(TimeOrderedId.at(now), spec, borrowerId, extents, now));
        Map<UUID, ArrayDeque<Claim>> claims = claim(grant.id(), places, hosts);
        GrantLife.Step first = GrantLife.begin(claims.keySet());
        parts.add(grant, lenders(claims), legs(places, claims));
        OperationView operation =
                operations.begin(operationId, OperationKind.GRANT_CREATE, grant.id());
        lives.begin(grant, first);
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
        List<LenderCandidate> candidates =
                hosts.values().stream()
                        .map(
                                host ->
                                        new LenderCandidate(
                                                host.id(),
                                                inventory.canBeAsked(host),
                                                host.mode() == HarvestMode.HARVEST,
                                                host.regions().claimable(host.lendLimitBytes())))
                        .toList();
        PlacementRequest request =
                new PlacementRequest(borrowerId, extents, spec.copies(), spec.latencyClass());
        return switch (PlacementPolicy.place(request, candidates)) {
            case PlacementDecision.Placed placed -> placed.legs();
            case PlacementDecision.Refused refused ->
                    throw new Problem(
                            ProblemCode.of(refused.failure().code()), refused.failure().detail());
        };
    }

    /// Claims the regions host by host in a fixed order, so that two creations cannot wait for each
    /// other.
    private Map<UUID, ArrayDeque<Claim>> claim(
            UUID grantId, List<List<UUID>> places, Map<UUID, HostRow> hosts) {
        TreeMap<UUID, Integer> counts = new TreeMap<>();
        places.forEach(legs -> legs.forEach(host -> counts.merge(host, 1, Integer::sum)));
        Map<UUID, ArrayDeque<Claim>> claims = new TreeMap<>();
        counts.forEach(
                (hostId, count) -> {
                    HostRow host = hosts.get(hostId);
                    if (host == null || host.bootId() == null) {
                        throw new IllegalStateException("placed on a host without a table");
                    }
                    claims.put(
                            hostId,
                            new ArrayDeque<>(lending.claim(grantId, hostId, host.bootId(), count)));
                });
        return claims;
    }

    private List<Lender> lenders(Map<UUID, ArrayDeque<Claim>> claims) {
        return claims.entrySet().stream()
                .map(
                        entry ->
                                new Lender(
                                        entry.getKey(),
                                        entry.getValue().element().bootId(),
                                        capability(),
                                        LenderState.PREPARING))
                .toList();
    }

    private static List<Leg> legs(List<List<UUID>> places, Map<UUID, ArrayDeque<Claim>> claims) {
        Map<UUID, ArrayDeque<Claim>> left = new HashMap<>();
        claims.forEach((host, all) -> left.put(host, new ArrayDeque<>(all)));
        List<Leg> legs = new ArrayList<>();
        for (int extent = 0; extent < places.size(); extent++) {
            List<UUID> hosts = places.get(extent);
            for (int leg = 0; leg < hosts.size(); leg++) {
                ArrayDeque<Claim> here = left.get(hosts.get(leg));
                if (here == null) {
                    throw new IllegalStateException("placed without a claim");
                }
                Claim claim = here.remove();
                legs.add(
                        new Leg(
                                extent,
                                leg,
                                claim.hostId(),
                                claim.bootId(),
                                claim.regionId(),
                                claim.generation(),
                                "LIVE"));
            }
        }
        return legs;
    }

    private String capability() {
        byte[] bits = new byte[CAPABILITY_BYTES];
        random.nextBytes(bits);
        return HexFormat.of().formatHex(bits);
    }
}
