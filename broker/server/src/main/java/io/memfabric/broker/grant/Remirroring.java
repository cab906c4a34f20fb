package io.memfabric.broker.grant;

import io.memfabric.broker.command.Commands;
import io.memfabric.broker.database.Ledger;
import io.memfabric.broker.inventory.HostRow;
import io.memfabric.broker.lending.InventoryTaken;
import io.memfabric.broker.policy.Failure;
import io.memfabric.broker.policy.GrantEvent;
import io.memfabric.broker.policy.GrantLife;
import io.memfabric.broker.policy.GrantState;
import io.memfabric.broker.policy.LenderCandidate;
import io.memfabric.broker.policy.RepairPolicy;
import io.memfabric.broker.policy.ReplacementPolicy;
import io.memfabric.broker.policy.ReplacementPolicy.Wanted;
import io.memfabric.contract.agent.GrantReport;
import io.memfabric.contract.agent.ReplaceLegs;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.springframework.context.event.EventListener;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/// Gives mirrored grants that lost legs new ones. Every second it looks at degraded grants, whatever
/// made them so, and begins a round of repair where there is something to replace and a place for
/// it. What a round needs is in the ledger, so a broker that was killed goes on where it was.
@Component
class Remirroring {

    private static final System.Logger LOG = System.getLogger(Remirroring.class.getName());

    /// How many degraded grants are looked at in a second.
    private static final int PAGE = 100;

    /// A lender that refused gets no more legs of the grant, and a borrower that refused no more
    /// requests about it, for this long.
    private static final Duration REFUSAL = Duration.ofSeconds(30);

    private static final Failure ALL_LOST =
            new Failure(
                    "all_copies_lost",
                    "Every copy of a part of the device is lost. What is left stays as it is.");

    private final GrantRepository grants;
    private final GrantParts parts;
    private final GrantLives lives;
    private final CopyReports reports;
    private final Shares shares;
    private final Commands commands;
    private final Ledger ledger;
    private final InstantSource clock;
    private UUID lastLookedAt = new UUID(0, 0);

    Remirroring(
            GrantRepository grants,
            GrantParts parts,
            GrantLives lives,
            CopyReports reports,
            Shares shares,
            Commands commands,
            Ledger ledger,
            InstantSource clock) {
        this.grants = grants;
        this.parts = parts;
        this.lives = lives;
        this.reports = reports;
        this.shares = shares;
        this.commands = commands;
        this.ledger = ledger;
        this.clock = clock;
    }

    /// What a borrower says of its copies makes its grants degraded, or whole again.
    @EventListener
    void on(InventoryTaken taken) {
        reports.take(taken);
        List<GrantReport> reported = taken.inventory().grants();
        if (reported.isEmpty()) {
            return;
        }
        Map<UUID, GrantState> mirrored =
                parts.mirroredAt(
                        taken.hostId(), reported.stream().map(GrantReport::grantId).toList());
        for (GrantReport report : reported) {
            boolean whole = report.legs().isEmpty();
            GrantState state = mirrored.get(report.grantId());
            if (state == (whole ? GrantState.DEGRADED : GrantState.ACTIVE)) {
                ledger.run(
                        () ->
                                grants.lock(report.grantId())
                                        .ifPresent(
                                                grant ->
                                                        lives.apply(
                                                                grant,
                                                                new GrantEvent.CopiesReported(
                                                                        whole))));
            }
        }
    }

    @Scheduled(fixedDelayString = "PT1S")
    synchronized void look() {
        List<UUID> page = parts.degradedAfter(lastLookedAt, PAGE);
        lastLookedAt = page.size() < PAGE ? new UUID(0, 0) : page.getLast();
        for (UUID id : page) {
            try {
                ledger.run(() -> grants.lock(id).ifPresent(this::repair));
            } catch (RuntimeException e) {
                LOG.log(Level.WARNING, "grant " + id + " is not repaired yet", e);
            }
        }
    }

    private void repair(GrantEntity grant) {
        GrantLife life = lives.load(grant);
        if (!life.isRepairable()) {
            return;
        }
        List<Leg> legs = parts.legs(grant.id());
        RepairPolicy.Plan plan = RepairPolicy.plan(reports.judge(grant, legs));
        if (!plan.hopeless().isEmpty()) {
            hinder(grant, ALL_LOST);
        }
        Instant now = clock.instant();
        if (plan.gaps().isEmpty()
                || commands.wasRefused(
                        grant.borrowerId(), grant.id(), ReplaceLegs.class, now.minus(REFUSAL))) {
            return;
        }
        Map<UUID, HostRow> hosts = shares.hosts();
        Map<Wanted, UUID> places =
                ReplacementPolicy.place(
                        grant.borrowerId(), wanted(plan, legs), willing(grant, hosts, now));
        if (!places.isEmpty()) {
            begin(grant, life, places, hosts, now);
        } else if (plan.hopeless().isEmpty()) {
            hinder(
                    grant,
                    new Failure(
                            "no_place_for_copy",
                            plan.gaps().size()
                                    + " lost copies wait for free regions on a host that has"
                                    + " no other copy of the same pages."));
        }
    }

    private void begin(
            GrantEntity grant,
            GrantLife life,
            Map<Wanted, UUID> places,
            Map<UUID, HostRow> hosts,
            Instant now) {
        int next = life.shares().lastKey() + 1;
        List<Shares.Place> all =
                places.entrySet().stream()
                        .map(
                                e ->
                                        new Shares.Place(
                                                e.getKey().extent(),
                                                e.getKey().leg(),
                                                e.getValue()))
                        .toList();
        Shares.Claimed claimed = shares.claim(grant.id(), next, all, hosts);
        parts.addShares(grant, claimed, now);
        lives.apply(
                grant,
                life,
                new GrantEvent.RepairPlaced(
                        claimed.lenders().stream().map(Lender::share).collect(Collectors.toSet())));
    }

    /// Every leg needs a host that has no live leg of the same extent, be it reached or not.
    private static List<Wanted> wanted(RepairPolicy.Plan plan, List<Leg> legs) {
        Map<Integer, Set<UUID>> barred =
                legs.stream()
                        .filter(Leg::isLive)
                        .collect(
                                Collectors.groupingBy(
                                        Leg::extentIndex,
                                        Collectors.mapping(Leg::hostId, Collectors.toSet())));
        return plan.gaps().stream()
                .map(
                        gap ->
                                new Wanted(
                                        gap.extent(),
                                        gap.leg(),
                                        barred.getOrDefault(gap.extent(), Set.of())))
                .toList();
    }

    private List<LenderCandidate> willing(
            GrantEntity grant, Map<UUID, HostRow> hosts, Instant now) {
        Set<UUID> refusers = new HashSet<>(parts.refusers(grant.id(), now.minus(REFUSAL)));
        return shares.candidates(hosts).stream()
                .filter(host -> !refusers.contains(host.hostId()))
                .toList();
    }

    private void hinder(GrantEntity grant, Failure failure) {
        Failure shown = grant.problem();
        if (shown == null || !shown.code().equals(failure.code())) {
            lives.apply(grant, new GrantEvent.RepairHindered(failure));
        }
    }
}
