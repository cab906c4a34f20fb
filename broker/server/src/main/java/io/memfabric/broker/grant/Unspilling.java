package io.memfabric.broker.grant;

import io.memfabric.broker.command.Commands;
import io.memfabric.broker.database.Ledger;
import io.memfabric.broker.inventory.Inventory;
import io.memfabric.broker.policy.GrantEvent;
import io.memfabric.broker.policy.RepairPolicy.LegHealth;
import io.memfabric.contract.agent.ReplaceLegs;
import io.micrometer.core.instrument.MeterRegistry;
import java.lang.System.Logger.Level;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.springframework.dao.DataAccessException;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;
import org.springframework.transaction.CannotCreateTransactionException;

/// Brings legs that were spilled to a borrower's disk back to other hosts' memory. Every second it
/// looks at the grants that have such legs and moves what finds room; the metric
/// `memfabric.spilled.regions` counts what does not.
@Component
class Unspilling {

    private static final System.Logger LOG = System.getLogger(Unspilling.class.getName());

    /// How many grants are looked at in a second.
    private static final int PAGE = 100;

    private final GrantRepository grants;
    private final GrantParts parts;
    private final GrantLives lives;
    private final CopyReports reports;
    private final Replacing replacing;
    private final Commands commands;
    private final Inventory inventory;
    private final Ledger ledger;
    private final InstantSource clock;
    private volatile int spilled;

    Unspilling(
            GrantRepository grants,
            GrantParts parts,
            GrantLives lives,
            CopyReports reports,
            Replacing replacing,
            Commands commands,
            Inventory inventory,
            Ledger ledger,
            InstantSource clock,
            MeterRegistry metrics) {
        this.grants = grants;
        this.parts = parts;
        this.lives = lives;
        this.reports = reports;
        this.replacing = replacing;
        this.commands = commands;
        this.inventory = inventory;
        this.ledger = ledger;
        this.clock = clock;
        metrics.gauge("memfabric.spilled.regions", this, its -> its.spilled);
    }

    @Scheduled(fixedDelayString = "PT1S")
    synchronized void look() {
        try {
            spilled = parts.spilled();
            if (spilled > 0) {
                bringBack(parts.withSpilled(PAGE));
            }
        } catch (DataAccessException | CannotCreateTransactionException e) {
            LOG.log(Level.WARNING, "spilled grants cannot be found now: {0}", e.toString());
        }
    }

    private void bringBack(List<UUID> ids) {
        for (UUID id : ids) {
            try {
                ledger.run(() -> grants.lock(id).ifPresent(this::bringBack));
            } catch (RuntimeException e) {
                LOG.log(Level.WARNING, "grant " + id + " is not brought back yet", e);
            }
        }
    }

    private void bringBack(GrantEntity grant) {
        UUID borrower = grant.borrowerId();
        Instant now = clock.instant();
        if (!lives.load(grant).isRecallable()
                || inventory.isServedElsewhere(borrower)
                || !inventory.isReachable(borrower)
                || commands.wasRefused(
                        borrower, grant.id(), ReplaceLegs.class, now.minus(Replacing.REFUSAL))) {
            return;
        }
        List<Leg> legs = parts.legs(grant.id());
        Set<Replacing.Slot> whole =
                reports.judge(grant, legs).stream()
                        .filter(leg -> leg.health() == LegHealth.WHOLE)
                        .map(leg -> new Replacing.Slot(leg.extent(), leg.leg()))
                        .collect(Collectors.toSet());
        List<Replacing.Slot> slots =
                legs.stream()
                        .filter(leg -> leg.use() == LegUse.HELD && leg.isLive())
                        .filter(leg -> leg.hostId().equals(borrower))
                        .map(leg -> new Replacing.Slot(leg.extentIndex(), leg.legIndex()))
                        // In a mirror only a leg beside a whole one can be replaced.
                        .filter(
                                leg ->
                                        grant.copies() == 1
                                                || whole.contains(
                                                        new Replacing.Slot(
                                                                leg.extent(), 1 - leg.leg())))
                        .toList();
        if (!slots.isEmpty()) {
            replacing.begin(grant, slots, GrantEvent.MovePlaced::new, now);
        }
    }
}
