package io.memfabric.broker.lending;

import io.memfabric.broker.access.Caller;
import io.memfabric.broker.database.Ledger;
import io.memfabric.broker.inventory.HostRow;
import io.memfabric.broker.inventory.Inventory;
import io.memfabric.broker.policy.ledger.Medium;
import io.memfabric.broker.policy.ledger.Reconciliation;
import io.memfabric.broker.policy.ledger.RegionLedger;
import io.memfabric.broker.policy.ledger.TableId;
import io.memfabric.broker.web.Problem;
import io.memfabric.broker.web.ProblemCode;
import io.memfabric.contract.agent.HostInventory;
import io.memfabric.contract.agent.RegionReport;
import io.memfabric.contract.agent.SpillReport;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestAttribute;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/// Takes in what a host holds. Each part is a transaction of its own and may be repeated: what an
/// interrupted one leaves over is done by the next inventory.
@RestController
class InventoryController {

    private final Inventory inventory;
    private final RegionLedger regions;
    private final Spills spills;
    private final Ledger ledger;
    private final ApplicationEventPublisher publisher;

    InventoryController(
            Inventory inventory,
            RegionLedger regions,
            Spills spills,
            Ledger ledger,
            ApplicationEventPublisher publisher) {
        this.inventory = inventory;
        this.regions = regions;
        this.spills = spills;
        this.ledger = ledger;
        this.publisher = publisher;
    }

    @PostMapping("/agent/v1/inventories")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void take(
            @RequestAttribute(Caller.ATTRIBUTE) Caller.Agent caller,
            @RequestBody HostInventory reported) {
        UUID hostId = caller.hostId();
        UUID bootId = reported.bootId();
        SpillReport spill = reported.spill();
        checkDistinct(reported.regions());
        if (spill != null) {
            checkDistinct(spill.regions());
        }
        HostRow host = inventory.host(hostId).orElseThrow();
        UUID believed = host.bootId();
        if (believed != null && !believed.equals(bootId)) {
            publisher.publishEvent(new TableReplaced(hostId, believed));
        }
        Reconciliation changes =
                ledger.change(
                        () -> {
                            if (!bootId.equals(believed)) {
                                regions.forgetOthers(hostId, bootId, Medium.MEMORY);
                            }
                            inventory.believe(hostId, bootId);
                            return regions.apply(
                                    new TableId(hostId, bootId), Medium.MEMORY, reported.regions());
                        });
        publisher.publishEvent(
                new InventoryTaken(hostId, reported, changes.foreign(), takeSpill(hostId, spill)));
        inventory.inventoryTaken(hostId);
    }

    /// @return what the host keeps there for claims that the ledger does not know
    private List<RegionReport> takeSpill(UUID hostId, @Nullable SpillReport spill) {
        UUID believed = spills.tableOf(hostId).orElse(null);
        UUID bootId = spill == null ? null : spill.bootId();
        if (spill == null && believed == null) {
            return List.of();
        }
        if (believed != null && !believed.equals(bootId)) {
            publisher.publishEvent(new TableReplaced(hostId, believed));
        }
        return ledger.change(
                () -> {
                    if (!Objects.equals(bootId, believed)) {
                        regions.forgetOthers(hostId, bootId, Medium.DISK);
                        spills.believe(hostId, bootId);
                    }
                    return spill == null
                            ? List.of()
                            : regions.apply(
                                            new TableId(hostId, spill.bootId()),
                                            Medium.DISK,
                                            spill.regions())
                                    .foreign();
                });
    }

    private static void checkDistinct(List<RegionReport> regions) {
        Set<Long> seen = HashSet.newHashSet(regions.size());
        for (RegionReport region : regions) {
            if (!seen.add(region.regionId())) {
                throw new Problem(
                        ProblemCode.DUPLICATE_REGION,
                        "Region " + region.regionId() + " is in the inventory twice.");
            }
        }
    }
}
