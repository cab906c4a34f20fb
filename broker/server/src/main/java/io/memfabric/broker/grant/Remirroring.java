package io.memfabric.broker.grant;

import io.memfabric.broker.command.Commands;
import io.memfabric.broker.database.Ledger;
import io.memfabric.broker.inventory.Inventory;
import io.memfabric.broker.lending.InventoryTaken;
import io.memfabric.broker.policy.Failure;
import io.memfabric.broker.policy.GrantEvent;
import io.memfabric.broker.policy.GrantLife;
import io.memfabric.broker.policy.GrantState;
import io.memfabric.broker.policy.RepairPolicy;
import io.memfabric.contract.agent.GrantReport;
import io.memfabric.contract.agent.ReplaceLegs;
import java.lang.System.Logger.Level;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.UUID;
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

    private static final Failure ALL_LOST =
            new Failure(
                    "all_copies_lost",
                    "Every copy of a part of the device is lost. What is left stays as it is.");

    private final GrantRepository grants;
    private final GrantParts parts;
    private final GrantLives lives;
    private final CopyReports reports;
    private final Replacing replacing;
    private final Commands commands;
    private final Inventory inventory;
    private final Ledger ledger;
    private final InstantSource clock;
    private UUID lastLookedAt = new UUID(0, 0);

    Remirroring(
            GrantRepository grants,
            GrantParts parts,
            GrantLives lives,
            CopyReports reports,
            Replacing replacing,
            Commands commands,
            Inventory inventory,
            Ledger ledger,
            InstantSource clock) {
        this.grants = grants;
        this.parts = parts;
        this.lives = lives;
        this.reports = reports;
        this.replacing = replacing;
        this.commands = commands;
        this.inventory = inventory;
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
        if (!life.isRepairable() || inventory.isServedElsewhere(grant.borrowerId())) {
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
                        grant.borrowerId(),
                        grant.id(),
                        ReplaceLegs.class,
                        now.minus(Replacing.REFUSAL))) {
            return;
        }
        int placed =
                replacing.begin(
                        grant,
                        plan.gaps().stream()
                                .map(gap -> new Replacing.Slot(gap.extent(), gap.leg()))
                                .toList(),
                        GrantEvent.RepairPlaced::new,
                        now);
        if (placed == 0 && plan.hopeless().isEmpty()) {
            hinder(
                    grant,
                    new Failure(
                            "no_place_for_copy",
                            plan.gaps().size()
                                    + " lost copies wait for free regions on a host that has"
                                    + " no other copy of the same pages."));
        }
    }

    private void hinder(GrantEntity grant, Failure failure) {
        Failure shown = grant.problem();
        if (shown == null || !shown.code().equals(failure.code())) {
            lives.apply(grant, new GrantEvent.RepairHindered(failure));
        }
    }
}
