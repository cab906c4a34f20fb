package io.memfabric.broker.grant;

import io.memfabric.broker.command.Commands;
import io.memfabric.broker.database.Ledger;
import io.memfabric.broker.inventory.HostLost;
import io.memfabric.broker.lending.Spills;
import io.memfabric.broker.operation.OperationKind;
import io.memfabric.broker.operation.Operations;
import io.memfabric.broker.policy.GrantEvent;
import java.time.InstantSource;
import java.util.UUID;
import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;

/// What the loss of a host means for grants: legs there are lost, and where its VMs are surely gone,
/// so are their devices.
@Component
class LostHosts {

    private final GrantRepository grants;
    private final GrantParts parts;
    private final GrantLives lives;
    private final Spills spills;
    private final Commands commands;
    private final Operations operations;
    private final Ledger ledger;
    private final InstantSource clock;

    LostHosts(
            GrantRepository grants,
            GrantParts parts,
            GrantLives lives,
            Spills spills,
            Commands commands,
            Operations operations,
            Ledger ledger,
            InstantSource clock) {
        this.grants = grants;
        this.parts = parts;
        this.lives = lives;
        this.spills = spills;
        this.commands = commands;
        this.operations = operations;
        this.ledger = ledger;
        this.clock = clock;
    }

    /// One transaction a grant and share, as everywhere.
    @EventListener
    void on(HostLost lost) {
        UUID host = lost.hostId();
        UUID bootId = lost.bootId();
        if (bootId != null) {
            loseTable(host, bootId);
        }
        spills.tableOf(host).ifPresent(table -> loseTable(host, table));
        if (lost.poweredOff()) {
            for (UUID id : parts.borrowedAt(host)) {
                ledger.run(() -> grants.lock(id).ifPresent(this::end));
            }
        }
    }

    private void loseTable(UUID host, UUID bootId) {
        for (GrantParts.ShareOf share : parts.sharesAt(host, bootId)) {
            ledger.run(
                    () ->
                            grants.lock(share.grantId())
                                    .ifPresent(
                                            grant ->
                                                    lives.apply(
                                                            grant,
                                                            new GrantEvent.LenderLost(
                                                                    share.share(), host))));
        }
    }

    /// The device went with its VM: what it borrowed can be fenced.
    private void end(GrantEntity grant) {
        operations.fail(
                grant.id(),
                OperationKind.GRANT_RESIZE,
                "host_lost",
                "The host of the VM was lost with it.");
        grant.arrive(clock.instant());
        lives.apply(grant, new GrantEvent.ReleaseRequested());
        // The ledger takes each step of a life, and none that leaps over one.
        grants.saveAndFlush(grant);
        commands.withdraw(grant.borrowerId(), grant.id());
        lives.apply(grant, new GrantEvent.Detached());
    }
}
