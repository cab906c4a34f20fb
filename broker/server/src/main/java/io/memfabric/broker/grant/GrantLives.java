package io.memfabric.broker.grant;

import io.memfabric.broker.command.Commands;
import io.memfabric.broker.event.Events;
import io.memfabric.broker.event.NewEvent;
import io.memfabric.broker.operation.OperationKind;
import io.memfabric.broker.operation.Operations;
import io.memfabric.broker.policy.Failure;
import io.memfabric.broker.policy.GrantAction;
import io.memfabric.broker.policy.GrantEvent;
import io.memfabric.broker.policy.GrantLife;
import io.memfabric.broker.policy.GrantState;
import io.memfabric.broker.policy.LenderState;
import io.memfabric.broker.policy.ledger.RegionLedger;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import org.springframework.stereotype.Component;

/// Carries a grant's life on: loads it, lets [GrantLife] decide, and records the decision and all
/// that follows from it in the transaction at hand. The caller holds the grant's row lock.
@Component
class GrantLives {

    private final GrantParts parts;
    private final GrantCommands grantCommands;
    private final Commands commands;
    private final RegionLedger regions;
    private final Operations operations;
    private final Events events;
    private final InstantSource clock;

    GrantLives(
            GrantParts parts,
            GrantCommands grantCommands,
            Commands commands,
            RegionLedger regions,
            Operations operations,
            Events events,
            InstantSource clock) {
        this.parts = parts;
        this.grantCommands = grantCommands;
        this.commands = commands;
        this.regions = regions;
        this.operations = operations;
        this.events = events;
        this.clock = clock;
    }

    GrantLife load(GrantEntity grant) {
        TreeMap<Integer, LenderState> shares = new TreeMap<>();
        parts.lenders(grant.id()).forEach(l -> shares.put(l.share(), l.state()));
        return new GrantLife(
                grant.state(), grant.device(), grant.mirrored(), grant.repair(), shares);
    }

    /// Performs the actions of a life that has just begun. What was claimed for it is to be
    /// prepared, and need not be read again.
    void begin(GrantEntity grant, GrantLife.Step first, Shares.Claimed claimed) {
        record(grant, "is reserved");
        Set<Integer> prepared = new HashSet<>();
        for (GrantAction action : first.actions()) {
            if (action instanceof GrantAction.Prepare prepare) {
                prepared.add(prepare.share());
            } else {
                perform(grant, action);
            }
        }
        grantCommands.prepare(grant, claimed, prepared);
    }

    void apply(GrantEntity grant, GrantEvent event) {
        apply(grant, load(grant), event);
    }

    /// Carries on a life that was loaded before the rows of the event were written.
    void apply(GrantEntity grant, GrantLife before, GrantEvent event) {
        GrantLife.Step step = before.on(event);
        GrantLife after = step.life();
        if (after.equals(before) && step.actions().isEmpty()) {
            return;
        }
        after.shares()
                .forEach(
                        (share, state) -> {
                            if (state != before.shares().get(share)) {
                                parts.setLender(grant.id(), share, state);
                            }
                        });
        grant.become(after, clock.instant());
        if (after.state() != before.state()) {
            record(grant, "went from " + before.state());
        }
        step.actions().forEach(action -> perform(grant, action));
    }

    private void perform(GrantEntity grant, GrantAction action) {
        UUID id = grant.id();
        switch (action) {
            case GrantAction.Prepare a ->
                    grantCommands.prepare(
                            grant,
                            new Shares.Claimed(
                                    List.of(parts.lender(id, a.share())),
                                    parts.liveLegs(id, a.share())),
                            Set.of(a.share()));
            case GrantAction.Attach _ -> grantCommands.attach(grant);
            case GrantAction.Detach _ -> grantCommands.detach(grant);
            case GrantAction.ReplaceLegs _ -> {
                grantCommands.replaceLegs(grant);
                events.add(
                        NewEvent.of("legs_placed", "New lenders have prepared regions for it.")
                                .grant(id, grant.vmId()));
            }
            case GrantAction.DropLegs _ -> grantCommands.dropLegs(grant);
            case GrantAction.GiveUpNewLegs _ -> parts.giveUpComing(id);
            case GrantAction.Fence a -> grantCommands.fence(grant, a.share());
            case GrantAction.FreeRegions a -> {
                Lender lender = parts.lender(id, a.share());
                regions.free(id, lender.table(), regionIds(id, a.share()));
                parts.endLegs(id, a.share(), "ENDED");
            }
            case GrantAction.VoidRegions a -> {
                Lender lender = parts.lender(id, a.share());
                commands.withdrawFromTable(lender.hostId(), lender.bootId(), id);
                regions.remove(id, lender.table(), regionIds(id, a.share()));
                parts.endLegs(id, a.share(), "LOST");
            }
            case GrantAction.CreationDone _ -> operations.succeed(id, OperationKind.GRANT_CREATE);
            case GrantAction.CreationFailed a ->
                    operations.fail(
                            id,
                            OperationKind.GRANT_CREATE,
                            a.failure().code(),
                            a.failure().detail());
            case GrantAction.ReleaseDone _ -> operations.succeed(id, OperationKind.GRANT_RELEASE);
            case GrantAction.ReleaseFailed a ->
                    operations.fail(
                            id,
                            OperationKind.GRANT_RELEASE,
                            a.failure().code(),
                            a.failure().detail());
            case GrantAction.ShowProblem a -> {
                grant.show(a.failure());
                events.add(
                        NewEvent.of(
                                        "grant_problem",
                                        a.failure().code() + ": " + a.failure().detail())
                                .grant(id, grant.vmId()));
            }
            case GrantAction.ClearProblem _ -> grant.clearProblem();
        }
    }

    /// Shows a problem that changes nothing in the grant's life, once.
    void show(GrantEntity grant, Failure failure) {
        Failure shown = grant.problem();
        if (shown == null || !shown.code().equals(failure.code())) {
            perform(grant, new GrantAction.ShowProblem(failure));
        }
    }

    private List<Long> regionIds(UUID grantId, int share) {
        return parts.liveLegs(grantId, share).stream().map(Leg::regionId).toList();
    }

    private void record(GrantEntity grant, String what) {
        GrantState state = grant.state();
        events.add(
                NewEvent.of(
                                "grant_" + state.name().toLowerCase(Locale.ROOT),
                                "Grant %s %s; it has %d bytes for VM %s."
                                        .formatted(
                                                grant.id(), what, grant.sizeBytes(), grant.vmId()))
                        .grant(grant.id(), grant.vmId())
                        .host(grant.borrowerId()));
    }
}
