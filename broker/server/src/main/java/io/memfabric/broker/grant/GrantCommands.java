package io.memfabric.broker.grant;

import io.memfabric.broker.command.Commands;
import io.memfabric.broker.inventory.HostRow;
import io.memfabric.broker.inventory.Inventory;
import io.memfabric.broker.inventory.RoundTrips;
import io.memfabric.broker.policy.LenderState;
import io.memfabric.contract.agent.AgentCommand;
import io.memfabric.contract.agent.AttachGrant;
import io.memfabric.contract.agent.DetachGrant;
import io.memfabric.contract.agent.DropLegs;
import io.memfabric.contract.agent.ExtentPlan;
import io.memfabric.contract.agent.FenceRegions;
import io.memfabric.contract.agent.LegPlan;
import io.memfabric.contract.agent.LegReplacement;
import io.memfabric.contract.agent.PrepareRegions;
import io.memfabric.contract.agent.RegionClaim;
import io.memfabric.contract.agent.ReplaceLegs;
import io.memfabric.contract.region.ExportName;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/// Writes what a grant's life asks for as commands to its hosts.
@Component
class GrantCommands {

    private final Commands commands;
    private final GrantParts parts;
    private final Inventory inventory;
    private final RoundTrips roundTrips;

    GrantCommands(Commands commands, GrantParts parts, Inventory inventory, RoundTrips roundTrips) {
        this.roundTrips = roundTrips;
        this.commands = commands;
        this.parts = parts;
        this.inventory = inventory;
    }

    /// Asks the lenders of some of the shares that were claimed for what is claimed at each.
    void prepare(GrantEntity grant, Shares.Claimed claimed, Set<Integer> shares) {
        Map<UUID, AgentCommand> asked = new HashMap<>();
        for (Lender lender : claimed.lenders()) {
            if (shares.contains(lender.share())) {
                asked.put(
                        lender.hostId(),
                        new PrepareRegions(
                                UUID.randomUUID(),
                                grant.id(),
                                grant.epoch(),
                                lender.capability(),
                                claimed.claimsOf(lender.share())));
            }
        }
        commands.send(asked);
    }

    /// A lender that has to give memory back gives it to its host at once. Its disk is none.
    void fence(GrantEntity grant, int share) {
        UUID lender = parts.lender(grant.id(), share).hostId();
        commands.send(
                lender,
                new FenceRegions(
                        UUID.randomUUID(),
                        grant.id(),
                        grant.epoch(),
                        claims(grant, share),
                        !lender.equals(grant.borrowerId())
                                && inventory
                                        .host(lender)
                                        .filter(HostRow::mustGiveBack)
                                        .isPresent()));
    }

    void attach(GrantEntity grant) {
        Plans plans = new Plans(grant);
        List<List<LegPlan>> extents = new ArrayList<>();
        for (Leg leg : parts.legs(grant.id())) {
            if (leg.legIndex() == 0) {
                extents.add(new ArrayList<>(grant.copies()));
            }
            extents.getLast().add(plans.of(leg));
        }
        List<ExtentPlan> plan = new ArrayList<>(extents.size());
        for (int index = 0; index < extents.size(); index++) {
            plan.add(new ExtentPlan(index, extents.get(index)));
        }
        commands.send(
                grant.borrowerId(),
                new AttachGrant(
                        UUID.randomUUID(),
                        grant.id(),
                        grant.epoch(),
                        grant.vmId(),
                        grant.serial(),
                        grant.attachMode(),
                        grant.sizeBytes(),
                        plan,
                        grant.tenantId()));
    }

    /// Asks for every new leg in the place of the one that the borrower has.
    void replaceLegs(GrantEntity grant) {
        Plans plans = new Plans(grant);
        Map<Slot, Leg> held = new HashMap<>();
        List<LegReplacement> replacements = new ArrayList<>();
        for (Leg leg : parts.legs(grant.id())) {
            if (leg.use() == LegUse.HELD) {
                held.put(Slot.of(leg), leg);
            }
        }
        for (Leg leg : parts.legs(grant.id())) {
            if (leg.use() == LegUse.COMING) {
                Leg lost = Objects.requireNonNull(held.get(Slot.of(leg)), "a leg for no place");
                replacements.add(
                        new LegReplacement(
                                leg.extentIndex(), plans.exportName(lost).wire(), plans.of(leg)));
            }
        }
        commands.send(
                grant.borrowerId(),
                new ReplaceLegs(UUID.randomUUID(), grant.id(), grant.epoch(), replacements));
    }

    /// Asks to go on without the legs of the shares that are to leave.
    void dropLegs(GrantEntity grant) {
        Plans plans = new Plans(grant);
        List<DropLegs.Dropped> legs = new ArrayList<>();
        for (Leg leg : parts.legs(grant.id())) {
            if (leg.use() == LegUse.HELD && plans.isLeaving(leg)) {
                legs.add(new DropLegs.Dropped(leg.extentIndex(), plans.exportName(leg).wire()));
            }
        }
        commands.send(
                grant.borrowerId(),
                new DropLegs(UUID.randomUUID(), grant.id(), grant.epoch(), legs));
    }

    void detach(GrantEntity grant) {
        commands.send(
                grant.borrowerId(),
                new DetachGrant(UUID.randomUUID(), grant.id(), grant.epoch(), grant.vmId()));
    }

    private List<RegionClaim> claims(GrantEntity grant, int share) {
        return parts.liveLegs(grant.id(), share).stream().map(Leg::claim).toList();
    }

    private record Slot(int extent, int leg) {
        static Slot of(Leg leg) {
            return new Slot(leg.extentIndex(), leg.legIndex());
        }
    }

    /// How the borrower reaches the legs of a grant.
    private final class Plans {
        private final GrantEntity grant;
        private final Map<Integer, Lender> lenders = new HashMap<>();
        private final Map<UUID, String> addresses = new HashMap<>();

        Plans(GrantEntity grant) {
            this.grant = grant;
            for (Lender lender : parts.lenders(grant.id())) {
                lenders.put(lender.share(), lender);
            }
        }

        LegPlan of(Leg leg) {
            String address =
                    addresses.computeIfAbsent(
                            leg.hostId(),
                            id -> inventory.host(id).map(HostRow::dataAddress).orElseThrow());
            return new LegPlan(leg.hostId(), address, exportName(leg).wire(), rdmaAddress(leg));
        }

        /// The borrower's own disk is not reached past its processor.
        private @Nullable String rdmaAddress(Leg leg) {
            return leg.hostId().equals(grant.borrowerId())
                    ? null
                    : roundTrips.rdmaAddress(leg.hostId()).orElse(null);
        }

        boolean isLeaving(Leg leg) {
            Lender lender = lenders.get(leg.share());
            return lender != null && lender.state() == LenderState.LEAVING;
        }

        ExportName exportName(Leg leg) {
            Lender lender =
                    Objects.requireNonNull(lenders.get(leg.share()), "a leg without a lender");
            return new ExportName(
                    leg.bootId(),
                    leg.regionId(),
                    leg.generation(),
                    grant.id(),
                    grant.epoch(),
                    lender.capability());
        }
    }
}
