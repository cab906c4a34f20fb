package io.memfabric.broker.grant;

import io.memfabric.broker.command.Commands;
import io.memfabric.broker.database.Ledger;
import io.memfabric.broker.event.Events;
import io.memfabric.broker.event.NewEvent;
import io.memfabric.broker.inventory.Inventory;
import io.memfabric.broker.policy.ledger.RegionLedger;
import io.memfabric.contract.agent.DetachGrant;
import io.memfabric.contract.agent.GrantReport;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/// Takes grants that the ledger lost back into it, where the evidence is whole: the borrower tells
/// how the device is built, and every lender keeps the very regions for that grant in the very
/// generations. Nothing is asked of a host for it; a grant whose evidence lacks anything stays as
/// [Adoption] has it.
@Component
class Rebuilding {

    private final GrantRepository grants;
    private final GrantParts parts;
    private final RegionLedger regions;
    private final Inventory inventory;
    private final Commands commands;
    private final Ledger ledger;
    private final Events events;
    private final JdbcClient jdbc;
    private final InstantSource clock;

    Rebuilding(
            GrantRepository grants,
            GrantParts parts,
            RegionLedger regions,
            Inventory inventory,
            Commands commands,
            Ledger ledger,
            Events events,
            JdbcClient jdbc,
            InstantSource clock) {
        this.grants = grants;
        this.parts = parts;
        this.regions = regions;
        this.inventory = inventory;
        this.commands = commands;
        this.ledger = ledger;
        this.events = events;
        this.jdbc = jdbc;
        this.clock = clock;
    }

    /// Rebuilds what there is whole evidence of among the grants that a borrower has and the ledger
    /// does not know, and asks the borrower to describe the others.
    void rebuild(UUID borrowerId, List<GrantReport> unknown) {
        Set<UUID> left = new TreeSet<>();
        for (GrantReport report : unknown) {
            boolean rebuilt =
                    Evidence.of(borrowerId, report)
                            .filter(this::rebuildWhereLendersAgree)
                            .isPresent();
            if (!rebuilt) {
                left.add(report.grantId());
            }
        }
        inventory.describe(borrowerId, left);
    }

    /// What some lenders agree to must not stay when another one does not.
    private static final class Disagreement extends RuntimeException {
        private static final long serialVersionUID = 1;

        Disagreement() {
            super("a lender does not say the same", null, false, false);
        }
    }

    private boolean rebuildWhereLendersAgree(Evidence evidence) {
        try {
            return ledger.change(() -> rebuild(evidence));
        } catch (Disagreement e) {
            return false;
        }
    }

    private boolean rebuild(Evidence evidence) {
        UUID id = evidence.grantId();
        boolean itsVm =
                inventory
                        .vm(evidence.vmId())
                        .filter(vm -> vm.row().hostId().equals(evidence.borrowerId()))
                        .isPresent();
        if (!itsVm
                || grants.findById(id).isPresent()
                || hasSerial(evidence.plan().serial())
                || commands.isAsked(evidence.borrowerId(), id, DetachGrant.class)) {
            return false;
        }
        int forgotten =
                jdbc.sql("delete from adopted_grants where grant_id = ? and ended_at is null")
                        .param(id)
                        .update();
        if (forgotten == 0) {
            return false;
        }
        Instant now = clock.instant();
        GrantEntity grant = grants.saveAndFlush(GrantEntity.rebuilt(evidence, now));
        for (Lender lender : evidence.lenders()) {
            if (!regions.recognise(id, lender.table(), evidence.generations(lender))) {
                throw new Disagreement();
            }
        }
        parts.add(
                grant,
                evidence.plan().extents().size(),
                new Shares.Claimed(evidence.lenders(), evidence.legs()),
                now);
        events.add(
                NewEvent.of(
                                "grant_rebuilt",
                                "The ledger had lost grant %s; borrower and lenders say the same of it."
                                        .formatted(id))
                        .grant(id, grant.vmId())
                        .host(evidence.borrowerId()));
        return true;
    }

    private boolean hasSerial(String serial) {
        return jdbc.sql("select exists (select 1 from grants where serial = ?)")
                .param(serial)
                .query(Boolean.class)
                .single();
    }
}
