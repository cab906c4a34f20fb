package io.memfabric.broker.inventory;

import io.memfabric.broker.database.Ledger;
import io.memfabric.broker.event.Events;
import io.memfabric.broker.event.NewEvent;
import io.memfabric.broker.inventory.FabricEntity.Harvesting;
import io.memfabric.broker.web.Required;
import io.memfabric.broker.web.Revision;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PatchMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RestController;

/// The switch that ends all harvesting at once. Each host hears of it with its next report, and
/// keeps the mode that it has when the switch is turned back.
@RestController
class FabricController {

    private final FabricRepository fabric;
    private final Ledger ledger;
    private final Events events;

    FabricController(FabricRepository fabric, Ledger ledger, Events events) {
        this.fabric = fabric;
        this.ledger = ledger;
        this.events = events;
    }

    record FabricView(long revision, Spec spec) {}

    record Spec(Harvesting harvesting) {}

    record FabricPatch(@Nullable SpecPatch spec) {}

    record SpecPatch(@Nullable Harvesting harvesting) {}

    @GetMapping("/api/v1/fabric")
    ResponseEntity<FabricView> get() {
        return answer(find());
    }

    @PatchMapping("/api/v1/fabric")
    ResponseEntity<FabricView> patch(
            @RequestHeader(name = HttpHeaders.IF_MATCH, required = false) @Nullable String ifMatch,
            @RequestBody FabricPatch patch) {
        Harvesting wanted =
                Required.field(
                        "spec.harvesting", Required.field("spec", patch.spec()).harvesting());
        return answer(ledger.change(() -> change(Revision.required(ifMatch), wanted)));
    }

    private FabricEntity change(long expected, Harvesting wanted) {
        FabricEntity row = find();
        Revision.check(expected, row.revision());
        if (row.harvesting() == wanted) {
            return row;
        }
        row.setHarvesting(wanted);
        events.add(
                switch (wanted) {
                    case STOPPED ->
                            NewEvent.of(
                                    "harvesting_stopped",
                                    "No host takes memory any more; relief goes on.");
                    case ALLOWED ->
                            NewEvent.of(
                                    "harvesting_allowed", "Each host is in its own mode again.");
                });
        return fabric.saveAndFlush(row);
    }

    private FabricEntity find() {
        return fabric.findById(FabricEntity.ID).orElseThrow();
    }

    private static ResponseEntity<FabricView> answer(FabricEntity row) {
        return ResponseEntity.ok()
                .eTag(Revision.etag(row.revision()))
                .body(new FabricView(row.revision(), new Spec(row.harvesting())));
    }
}
