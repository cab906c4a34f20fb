package io.memfabric.broker.grant;

import io.memfabric.broker.command.CommandAnswered;
import io.memfabric.broker.command.Commands;
import io.memfabric.broker.database.Ledger;
import io.memfabric.broker.lending.InventoryTaken;
import io.memfabric.broker.lending.TableReplaced;
import io.memfabric.broker.policy.DeviceState;
import io.memfabric.broker.policy.Failure;
import io.memfabric.broker.policy.GrantEvent;
import io.memfabric.contract.agent.AttachGrant;
import io.memfabric.contract.agent.CommandResult;
import io.memfabric.contract.agent.DetachGrant;
import io.memfabric.contract.agent.FenceRegions;
import io.memfabric.contract.agent.GrantReport;
import io.memfabric.contract.agent.PrepareRegions;
import io.memfabric.contract.agent.RegionClaim;
import io.memfabric.contract.agent.RegionReport;
import io.memfabric.contract.agent.ReplaceLegs;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Collectors;
import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;

/// What agents say that concerns grants, turned into events of their lives.
@Component
class GrantFeedback {

    private final GrantRepository grants;
    private final GrantParts parts;
    private final GrantLives lives;
    private final Commands commands;
    private final Ledger ledger;

    GrantFeedback(
            GrantRepository grants,
            GrantParts parts,
            GrantLives lives,
            Commands commands,
            Ledger ledger) {
        this.grants = grants;
        this.parts = parts;
        this.lives = lives;
        this.commands = commands;
        this.ledger = ledger;
    }

    /// In the transaction that records the answer.
    @EventListener
    void on(CommandAnswered answered) {
        if (answered.command() instanceof ReplaceLegs) {
            return;
        }
        UUID host = answered.hostId();
        CommandResult result = answered.result();
        boolean done = result.outcome() == CommandResult.Outcome.DONE;
        Failure failure =
                new Failure(
                        result.code() == null ? "refused" : result.code(),
                        result.detail() == null ? "The agent gave no detail." : result.detail());
        GrantEvent event =
                switch (answered.command()) {
                    case PrepareRegions _ ->
                            done
                                    ? new GrantEvent.Prepared(host)
                                    : new GrantEvent.PrepareRefused(host, failure);
                    case FenceRegions _ ->
                            done
                                    ? new GrantEvent.Fenced(host)
                                    : new GrantEvent.FenceRefused(host, failure);
                    case AttachGrant _ ->
                            done
                                    ? new GrantEvent.Attached()
                                    : new GrantEvent.AttachRefused(failure);
                    case ReplaceLegs _ -> throw new IllegalStateException("handled above");
                    case DetachGrant _ ->
                            done
                                    ? new GrantEvent.Detached()
                                    : new GrantEvent.DetachRefused(failure);
                };
        grants.lock(answered.command().grantId()).ifPresent(grant -> lives.apply(grant, event));
    }

    /// One transaction a grant, in which the grant's lock is taken before any other, as everywhere.
    @EventListener
    void on(TableReplaced replaced) {
        for (UUID id : parts.grantsAt(replaced.hostId(), replaced.oldBootId())) {
            apply(id, new GrantEvent.LenderLost(replaced.hostId()));
        }
    }

    @EventListener
    void on(InventoryTaken taken) {
        UUID host = taken.hostId();
        for (UUID id : parts.fencingAt(host)) {
            if (!commands.isAsked(host, id, FenceRegions.class)) {
                apply(id, new GrantEvent.FenceUnasked(host));
            }
        }
        List<GrantReport> reported = taken.inventory().grants();
        Set<UUID> attached =
                parts.withDeviceAt(host, reported.stream().map(GrantReport::grantId).toList());
        reported.stream()
                .filter(report -> !attached.contains(report.grantId()))
                .forEach(report -> detachStale(host, report));
        Map<UUID, List<RegionReport>> foreign =
                taken.foreign().stream()
                        .filter(region -> region.grantId() != null)
                        .collect(
                                Collectors.groupingBy(
                                        GrantFeedback::holder, TreeMap::new, Collectors.toList()));
        foreign.forEach(
                (id, regions) -> fenceForeign(host, taken.inventory().bootId(), id, regions));
    }

    /// A borrower has a device of a grant that has none any more: ask it to take it away.
    private void detachStale(UUID host, GrantReport report) {
        ledger.run(
                () -> {
                    boolean wanted =
                            grants.lock(report.grantId())
                                    .filter(g -> g.borrowerId().equals(host))
                                    .filter(g -> g.device() != DeviceState.ABSENT)
                                    .isPresent();
                    if (!wanted && !commands.isAsked(host, report.grantId(), DetachGrant.class)) {
                        commands.send(
                                host,
                                new DetachGrant(
                                        UUID.randomUUID(),
                                        report.grantId(),
                                        report.epoch(),
                                        report.vmId()));
                    }
                });
    }

    private static UUID holder(RegionReport region) {
        UUID id = region.grantId();
        if (id == null) {
            throw new IllegalArgumentException("a claimed region without a grant");
        }
        return id;
    }

    /// A lender keeps regions for a grant that has none there, as far as the ledger knows: ask it to
    /// fence them.
    private void fenceForeign(UUID host, UUID bootId, UUID grantId, List<RegionReport> regions) {
        ledger.run(
                () -> {
                    grants.lock(grantId);
                    if (!commands.isAsked(host, grantId, FenceRegions.class)) {
                        long epoch =
                                regions.stream().mapToLong(RegionReport::epoch).max().orElse(0);
                        commands.send(
                                host,
                                new FenceRegions(
                                        UUID.randomUUID(),
                                        grantId,
                                        epoch,
                                        regions.stream()
                                                .map(
                                                        r ->
                                                                new RegionClaim(
                                                                        bootId,
                                                                        r.regionId(),
                                                                        r.generation()))
                                                .toList()));
                    }
                });
    }

    private void apply(UUID grantId, GrantEvent event) {
        ledger.run(() -> grants.lock(grantId).ifPresent(grant -> lives.apply(grant, event)));
    }
}
