package io.memfabric.broker.lending;

import io.memfabric.broker.access.Caller;
import io.memfabric.broker.database.Ledger;
import io.memfabric.broker.inventory.HostRow;
import io.memfabric.broker.inventory.Inventory;
import io.memfabric.broker.web.Problem;
import io.memfabric.broker.web.ProblemCode;
import io.memfabric.contract.agent.HostInventory;
import io.memfabric.contract.agent.RegionReport;
import java.util.HashSet;
import java.util.Set;
import java.util.UUID;
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
    private final RegionTables tables;
    private final Ledger ledger;
    private final ApplicationEventPublisher publisher;

    InventoryController(
            Inventory inventory,
            RegionTables tables,
            Ledger ledger,
            ApplicationEventPublisher publisher) {
        this.inventory = inventory;
        this.tables = tables;
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
        checkDistinct(reported);
        HostRow host = inventory.host(hostId).orElseThrow();
        UUID believed = host.bootId();
        if (believed != null && !believed.equals(bootId)) {
            publisher.publishEvent(new TableReplaced(hostId, believed, bootId));
        }
        Reconciliation changes =
                ledger.change(
                        () -> {
                            if (!bootId.equals(believed)) {
                                tables.forgetOlder(hostId, bootId);
                            }
                            inventory.believe(hostId, bootId);
                            return tables.apply(hostId, reported);
                        });
        publisher.publishEvent(new InventoryTaken(hostId, reported, changes.foreign()));
        inventory.inventoryTaken(hostId);
    }

    private static void checkDistinct(HostInventory reported) {
        Set<Long> seen = HashSet.newHashSet(reported.regions().size());
        for (RegionReport region : reported.regions()) {
            if (!seen.add(region.regionId())) {
                throw new Problem(
                        ProblemCode.DUPLICATE_REGION,
                        "Region " + region.regionId() + " is in the inventory twice.");
            }
        }
    }
}
