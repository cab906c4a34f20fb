package io.memfabric.broker.grant;

import io.memfabric.broker.inventory.HostRow;
import io.memfabric.broker.policy.LenderCandidate;
import io.memfabric.broker.policy.PlacementDecision;
import io.memfabric.broker.policy.ReplacementPolicy;
import io.memfabric.broker.web.Problem;
import io.memfabric.broker.web.ProblemCode;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/// What would become of the fabric if hosts were lost and then grants were asked for, one after the
/// other, each on what the ones before it leave. It decides as placement and repair do, and changes
/// nothing.
@Component
class Simulation {

    /// Grants of lost hosts that are looked at one by one; those beyond are only counted.
    private static final int MOST_GRANTS = 1000;

    private final Placing placing;
    private final Replacing replacing;
    private final Shares shares;
    private final GrantParts parts;
    private final GrantRepository grants;

    Simulation(
            Placing placing,
            Replacing replacing,
            Shares shares,
            GrantParts parts,
            GrantRepository grants) {
        this.placing = placing;
        this.replacing = replacing;
        this.shares = shares;
        this.parts = parts;
        this.grants = grants;
    }

    /// @param survives whether every wanted grant has a place, and no page of a grant is lost
    record Outcome(boolean survives, Loss loss, List<Wanted> grants) {}

    /// @param legs copies that the lost hosts serve
    /// @param replaced how many of them find another host at once
    /// @param grantsWithLostPages grants of which a part has no other copy
    /// @param notExamined grants beyond those that were looked at
    record Loss(
            int legs,
            int replaced,
            int grantsWithLostPages,
            List<GrantLoss> grants,
            int notExamined) {}

    /// @param pagesLost whether a part of the device has no other copy
    record GrantLoss(UUID grantId, int legs, int replaced, boolean pagesLost) {}

    /// @param code why the grant cannot be asked for at all; where it can, `placement` says more
    record Wanted(
            UUID vmId,
            boolean placed,
            @Nullable String code,
            @Nullable String detail,
            @Nullable PlacementView placement) {}

    /// In the transaction at hand, which sees one moment.
    Outcome run(List<GrantSpec> wanted, Set<UUID> lostHosts) {
        Map<UUID, HostRow> hosts = shares.hosts();
        lostHosts.stream()
                .filter(id -> !hosts.containsKey(id))
                .findFirst()
                .ifPresent(
                        id -> {
                            throw Problem.notFound("host", id);
                        });
        Rehearsed fabric = new Rehearsed(lostHosts);
        Loss loss = lose(lostHosts, fabric, hosts);
        List<Wanted> placed = wanted.stream().map(spec -> place(spec, fabric)).toList();
        return new Outcome(
                loss.grantsWithLostPages() == 0 && placed.stream().allMatch(Wanted::placed),
                loss,
                placed);
    }

    private Loss lose(Set<UUID> lostHosts, Rehearsed fabric, Map<UUID, HostRow> hosts) {
        Map<UUID, List<GrantParts.LegAt>> legs =
                lostHosts.stream()
                        .flatMap(host -> parts.servingAt(host).stream())
                        .filter(leg -> !fabric.isLost(leg.borrowerId()))
                        .collect(
                                Collectors.groupingBy(
                                        GrantParts.LegAt::grantId,
                                        TreeMap::new,
                                        Collectors.toList()));
        List<UUID> examined = legs.keySet().stream().limit(MOST_GRANTS).toList();
        Map<UUID, GrantEntity> rows =
                grants.findByIdIn(examined).stream()
                        .collect(Collectors.toMap(GrantEntity::id, Function.identity()));
        List<GrantLoss> losses = new ArrayList<>();
        for (UUID id : examined) {
            GrantEntity grant = rows.get(id);
            if (grant != null) {
                losses.add(lose(grant, legs.getOrDefault(id, List.of()), fabric, hosts));
            }
        }
        return new Loss(
                legs.values().stream().mapToInt(List::size).sum(),
                losses.stream().mapToInt(GrantLoss::replaced).sum(),
                (int) losses.stream().filter(GrantLoss::pagesLost).count(),
                losses,
                legs.size() - losses.size());
    }

    private GrantLoss lose(
            GrantEntity grant,
            List<GrantParts.LegAt> lost,
            Rehearsed fabric,
            Map<UUID, HostRow> hosts) {
        List<Leg> all = parts.legs(grant.id());
        Set<Integer> withCopy =
                all.stream()
                        .filter(leg -> leg.isLive() && leg.use() == LegUse.HELD)
                        .filter(leg -> !fabric.isLost(leg.hostId()))
                        .map(Leg::extentIndex)
                        .collect(Collectors.toSet());
        List<Replacing.Slot> slots =
                lost.stream()
                        .filter(leg -> withCopy.contains(leg.extentIndex()))
                        .map(leg -> new Replacing.Slot(leg.extentIndex(), leg.legIndex()))
                        .toList();
        Collection<UUID> places =
                slots.isEmpty()
                        ? List.of()
                        : ReplacementPolicy.place(
                                        grant.borrowerId(),
                                        Replacing.wanted(slots, all, hosts),
                                        fabric.left(fit(grant, hosts)))
                                .values();
        places.forEach(fabric::take);
        return new GrantLoss(grant.id(), lost.size(), places.size(), slots.size() < lost.size());
    }

    private List<LenderCandidate> fit(GrantEntity grant, Map<UUID, HostRow> hosts) {
        return replacing.fit(grant, shares.candidates(grant.vmId(), grant.borrowerId(), hosts));
    }

    private Wanted place(GrantSpec spec, Rehearsed fabric) {
        try {
            Placing.Decided decided = placing.decide(spec, fabric::left);
            if (fabric.isLost(decided.borrowerId())) {
                throw new Problem(
                        ProblemCode.HOST_UNREACHABLE, "The VM's own host is among the lost ones.");
            }
            if (decided.decision() instanceof PlacementDecision.Placed placed) {
                placed.legs().forEach(extent -> extent.forEach(fabric::take));
                return new Wanted(spec.vmId(), true, null, null, decided.view());
            }
            return new Wanted(spec.vmId(), false, null, null, decided.view());
        } catch (Problem problem) {
            return new Wanted(
                    spec.vmId(), false, problem.code().wire(), problem.getMessage(), null);
        }
    }
}
