package io.memfabric.broker.grant;

import io.memfabric.broker.command.Commands;
import io.memfabric.broker.inventory.HostRow;
import io.memfabric.broker.inventory.Inventory;
import io.memfabric.contract.agent.AttachGrant;
import io.memfabric.contract.agent.DetachGrant;
import io.memfabric.contract.agent.ExtentPlan;
import io.memfabric.contract.agent.FenceRegions;
import io.memfabric.contract.agent.LegPlan;
import io.memfabric.contract.agent.PrepareRegions;
import io.memfabric.contract.agent.RegionClaim;
import io.memfabric.contract.region.ExportName;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.springframework.stereotype.Component;

/// Writes what a grant's life asks for as commands to its hosts.
@Component
class GrantCommands {

    private final Commands commands;
    private final GrantParts parts;
    private final Inventory inventory;

    GrantCommands(Commands commands, GrantParts parts, Inventory inventory) {
        this.commands = commands;
        this.parts = parts;
        this.inventory = inventory;
    }

    void prepare(GrantEntity grant, UUID lenderId) {
        Lender lender =
                parts.lenders(grant.id()).stream()
                        .filter(l -> l.hostId().equals(lenderId))
                        .findFirst()
                        .orElseThrow();
        commands.send(
                lenderId,
                new PrepareRegions(
                        UUID.randomUUID(),
                        grant.id(),
                        grant.epoch(),
                        lender.capability(),
                        claims(grant, lenderId)));
    }

    void fence(GrantEntity grant, UUID lenderId) {
        commands.send(
                lenderId,
                new FenceRegions(
                        UUID.randomUUID(), grant.id(), grant.epoch(), claims(grant, lenderId)));
    }

    void attach(GrantEntity grant) {
        Map<UUID, Lender> lenders = new HashMap<>();
        Map<UUID, String> addresses = new HashMap<>();
        for (Lender lender : parts.lenders(grant.id())) {
            lenders.put(lender.hostId(), lender);
            addresses.put(
                    lender.hostId(),
                    inventory.host(lender.hostId()).map(HostRow::dataAddress).orElseThrow());
        }
        List<List<LegPlan>> extents = new ArrayList<>();
        for (Leg leg : parts.legs(grant.id())) {
            if (leg.legIndex() == 0) {
                extents.add(new ArrayList<>(grant.copies()));
            }
            Lender lender = lenders.get(leg.hostId());
            String address = addresses.get(leg.hostId());
            if (lender == null || address == null) {
                throw new IllegalStateException("a leg without a lender");
            }
            extents.getLast()
                    .add(
                            new LegPlan(
                                    leg.hostId(),
                                    address,
                                    new ExportName(
                                                    leg.bootId(),
                                                    leg.regionId(),
                                                    leg.generation(),
                                                    grant.id(),
                                                    grant.epoch(),
                                                    lender.capability())
                                            .wire()));
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
                        plan));
    }

    void detach(GrantEntity grant) {
        commands.send(
                grant.borrowerId(),
                new DetachGrant(UUID.randomUUID(), grant.id(), grant.epoch(), grant.vmId()));
    }

    private List<RegionClaim> claims(GrantEntity grant, UUID lenderId) {
        return parts.legs(grant.id(), lenderId).stream()
                .map(leg -> new RegionClaim(leg.bootId(), leg.regionId(), leg.generation()))
                .toList();
    }
}
