package io.memfabric.broker.grant;

import io.memfabric.broker.command.CommandAnswered;
import io.memfabric.broker.command.Commands;
import io.memfabric.broker.database.Ledger;
import io.memfabric.broker.lending.InventoryTaken;
import io.memfabric.broker.lending.TableReplaced;
import io.memfabric.broker.policy.DeviceState;
import io.memfabric.broker.policy.Failure;
import io.memfabric.broker.policy.GrantEvent;
import io.memfabric.broker.policy.GrantState;
import io.memfabric.broker.policy.ledger.RegionLedger;
import io.memfabric.broker.policy.ledger.TableId;
import io.memfabric.contract.agent.AttachGrant;
import io.memfabric.contract.agent.CommandResult;
import io.memfabric.contract.agent.DetachGrant;
import io.memfabric.contract.agent.DropLegs;
import io.memfabric.contract.agent.FenceRegions;
import io.memfabric.contract.agent.GrantReport;
import io.memfabric.contract.agent.PrepareRegions;
import io.memfabric.contract.agent.RegionClaim;
import io.memfabric.contract.agent.RegionReport;
import io.memfabric.contract.agent.ReplaceLegs;
import io.memfabric.contract.agent.SpillReport;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.context.event.EventListener;
import org.springframework.stereotype.Component;

/// What agents say that concerns grants, turned into events of their lives.
@Component
class GrantFeedback {

    private final GrantRepository grants;
    private final GrantParts parts;
    private final GrantLives lives;
    private final LegTurnover turnover;
    private final Commands commands;
    private final RegionLedger regions;
    private final Adoption adoption;
    private final Ledger ledger;
    private final InstantSource clock;

    GrantFeedback(
            GrantRepository grants,
            GrantParts parts,
            GrantLives lives,
            LegTurnover turnover,
            Commands commands,
            RegionLedger regions,
            Adoption adoption,
            Ledger ledger,
            InstantSource clock) {
        this.grants = grants;
        this.parts = parts;
        this.lives = lives;
        this.turnover = turnover;
        this.commands = commands;
        this.regions = regions;
        this.adoption = adoption;
        this.ledger = ledger;
        this.clock = clock;
    }

    /// In the transaction that records the answer.
    @EventListener
    void on(CommandAnswered answered) {
        grants.lock(answered.command().grantId()).ifPresent(grant -> carryOn(grant, answered));
    }

    private void carryOn(GrantEntity grant, CommandAnswered answered) {
        CommandResult result = answered.result();
        boolean done = result.outcome() == CommandResult.Outcome.DONE;
        Failure failure =
                new Failure(
                        result.code() == null ? "refused" : result.code(),
                        result.detail() == null ? "The agent gave no detail." : result.detail());
        switch (answered.command()) {
            case PrepareRegions c ->
                    parts.shareOf(grant.id(), answered.hostId(), c.regions())
                            .ifPresent(share -> prepared(grant, share, done ? null : failure));
            case FenceRegions c ->
                    parts.shareOf(grant.id(), answered.hostId(), c.regions())
                            .ifPresent(
                                    share ->
                                            fenced(
                                                    grant,
                                                    share,
                                                    answered.hostId(),
                                                    c,
                                                    done ? null : failure));
            case AttachGrant _ ->
                    lives.apply(
                            grant,
                            done
                                    ? new GrantEvent.Attached()
                                    : new GrantEvent.AttachRefused(failure));
            case DropLegs _ ->
                    lives.apply(
                            grant,
                            done
                                    ? new GrantEvent.LegsDropped()
                                    : new GrantEvent.DropRefused(failure));
            case ReplaceLegs _ -> turnover.answered(grant, done ? null : failure);
            case DetachGrant _ ->
                    lives.apply(
                            grant,
                            done
                                    ? new GrantEvent.Detached()
                                    : new GrantEvent.DetachRefused(failure));
        }
    }

    /// @param failure why the lender refused, or null
    private void fenced(
            GrantEntity grant, int share, UUID host, FenceRegions c, @Nullable Failure failure) {
        if (failure != null) {
            lives.apply(grant, new GrantEvent.FenceRefused(share, failure));
            return;
        }
        lives.apply(grant, new GrantEvent.Fenced(share));
        if (c.withdraw()) {
            regions.withdraw(
                    new TableId(host, c.regions().getFirst().bootId()),
                    c.regions().stream().map(RegionClaim::regionId).toList());
        }
    }

    /// @param failure why the lender refused, or null
    private void prepared(GrantEntity grant, int share, @Nullable Failure failure) {
        if (failure == null) {
            lives.apply(grant, new GrantEvent.Prepared(share));
            return;
        }
        parts.noteRefusal(grant.id(), share, clock.instant());
        lives.apply(grant, new GrantEvent.PrepareRefused(share, failure));
    }

    /// One transaction a share, in which the grant's lock is taken before any other, as everywhere.
    @EventListener
    void on(TableReplaced replaced) {
        UUID host = replaced.hostId();
        for (GrantParts.ShareOf lost : parts.sharesAt(host, replaced.oldBootId())) {
            apply(lost.grantId(), new GrantEvent.LenderLost(lost.share(), host));
        }
    }

    @EventListener
    void on(InventoryTaken taken) {
        UUID host = taken.hostId();
        for (GrantParts.ShareOf owed : parts.fencingAt(host)) {
            if (!commands.isAsked(host, owed.grantId(), FenceRegions.class)) {
                apply(owed.grantId(), new GrantEvent.FenceUnasked(owed.share()));
            }
        }
        List<GrantReport> reported = taken.inventory().grants();
        Set<UUID> unknown = adoption.unknownDevices(host, reported);
        Set<UUID> attached =
                parts.withDeviceAt(host, reported.stream().map(GrantReport::grantId).toList());
        reported.stream()
                .filter(report -> !attached.contains(report.grantId()))
                .filter(report -> !unknown.contains(report.grantId()))
                .forEach(report -> detachStale(host, report));
        fenceForeign(host, taken.inventory().bootId(), taken.foreign());
        SpillReport spill = taken.inventory().spill();
        if (spill != null) {
            fenceForeign(host, spill.bootId(), taken.foreignSpill());
        }
    }

    private void fenceForeign(UUID host, UUID bootId, List<RegionReport> claimed) {
        Map<UUID, List<RegionReport>> foreign =
                claimed.stream()
                        .filter(region -> region.grantId() != null)
                        .collect(
                                Collectors.groupingBy(
                                        GrantFeedback::holder, TreeMap::new, Collectors.toList()));
        foreign.forEach((id, regions) -> fenceForeign(host, bootId, id, regions));
    }

    /// A borrower has a device of a grant that has none any more: ask it to take it away.
    private void detachStale(UUID host, GrantReport report) {
        ledger.run(
                () -> {
                    boolean wanted =
                            grants.lock(report.grantId())
                                    .filter(g -> g.borrowerId().equals(host))
                                    .filter(g -> g.device() != DeviceState.ABSENT || isToCome(g))
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

    /// A ledger that lost commits may not know yet that it has asked for the device.
    private static boolean isToCome(GrantEntity grant) {
        return grant.state() == GrantState.RESERVED || grant.state() == GrantState.PREPARED;
    }

    private static UUID holder(RegionReport region) {
        UUID id = region.grantId();
        if (id == null) {
            throw new IllegalArgumentException("a claimed region without a grant");
        }
        return id;
    }

    /// A lender keeps regions for a grant that has none there any more, as far as the ledger knows:
    /// ask it to fence them. What the ledger has never known is held instead.
    private void fenceForeign(UUID host, UUID bootId, UUID grantId, List<RegionReport> claimed) {
        List<RegionReport> regions = adoption.fenceable(host, bootId, grantId, claimed);
        if (regions.isEmpty()) {
            return;
        }
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
