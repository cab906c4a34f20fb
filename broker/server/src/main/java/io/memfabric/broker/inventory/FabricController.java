package io.memfabric.broker.inventory;

import io.memfabric.broker.database.Ledger;
import io.memfabric.broker.event.Events;
import io.memfabric.broker.event.NewEvent;
import io.memfabric.broker.inventory.FabricEntity.Harvesting;
import io.memfabric.broker.policy.PlacementRules;
import io.memfabric.broker.web.Problem;
import io.memfabric.broker.web.ProblemCode;
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
    private final HostLimits limits;
    private final Ledger ledger;
    private final Events events;

    FabricController(FabricRepository fabric, HostLimits limits, Ledger ledger, Events events) {
        this.fabric = fabric;
        this.limits = limits;
        this.ledger = ledger;
        this.events = events;
    }

    record FabricView(long revision, Spec spec) {}

    record Spec(
            Harvesting harvesting,
            int largestSharePercent,
            long lowLatencyNanos,
            boolean surviveLargestLender) {

        static Spec of(FabricEntity row) {
            PlacementRules rules = row.placementRules();
            return new Spec(
                    row.harvesting(),
                    rules.largestSharePercent(),
                    rules.lowLatencyNanos(),
                    rules.surviveLargestLender());
        }
    }

    record FabricPatch(@Nullable SpecPatch spec) {}

    record SpecPatch(
            @Nullable Harvesting harvesting,
            @Nullable Integer largestSharePercent,
            @Nullable Long lowLatencyNanos,
            @Nullable Boolean surviveLargestLender) {

        boolean isEmpty() {
            return harvesting == null
                    && largestSharePercent == null
                    && lowLatencyNanos == null
                    && surviveLargestLender == null;
        }

        /// These rules with what is to be changed.
        PlacementRules rules(PlacementRules now) {
            int share =
                    largestSharePercent == null ? now.largestSharePercent() : largestSharePercent;
            long nanos = lowLatencyNanos == null ? now.lowLatencyNanos() : lowLatencyNanos;
            if (share < 1 || share > 100 || nanos < 1 || nanos > 1_000_000_000) {
                throw new Problem(
                        ProblemCode.INVALID_PLACEMENT_RULE,
                        "largestSharePercent must be 1 to 100, lowLatencyNanos 1 to 1000000000.");
            }
            return new PlacementRules(
                    share,
                    nanos,
                    surviveLargestLender == null
                            ? now.surviveLargestLender()
                            : surviveLargestLender);
        }
    }

    @GetMapping("/api/v1/fabric")
    ResponseEntity<FabricView> get() {
        return answer(find());
    }

    @PatchMapping("/api/v1/fabric")
    ResponseEntity<FabricView> patch(
            @RequestHeader(name = HttpHeaders.IF_MATCH, required = false) @Nullable String ifMatch,
            @RequestBody FabricPatch patch) {
        SpecPatch wanted = Required.field("spec", patch.spec());
        if (wanted.isEmpty()) {
            Required.field("spec.harvesting", wanted.harvesting());
        }
        return answer(ledger.change(() -> change(Revision.required(ifMatch), wanted)));
    }

    private FabricEntity change(long expected, SpecPatch patch) {
        FabricEntity row = find();
        Revision.check(expected, row.revision());
        PlacementRules rules = patch.rules(row.placementRules());
        if (!rules.equals(row.placementRules())) {
            row.setPlacementRules(rules);
            events.add(
                    NewEvent.of(
                            "placement_rules_changed",
                            "A lender may hold %d %% of a grant, class LOW is %d ns%s."
                                    .formatted(
                                            rules.largestSharePercent(),
                                            rules.lowLatencyNanos(),
                                            rules.surviveLargestLender()
                                                    ? ", the loss of the fullest lender is"
                                                            + " provided for"
                                                    : "")));
        }
        Harvesting wanted = patch.harvesting();
        if (wanted == null || row.harvesting() == wanted) {
            return fabric.saveAndFlush(row);
        }
        row.setHarvesting(wanted);
        limits.changedWhole();
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
                .body(new FabricView(row.revision(), Spec.of(row)));
    }
}
