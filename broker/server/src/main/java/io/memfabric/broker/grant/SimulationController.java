package io.memfabric.broker.grant;

import io.memfabric.broker.database.Ledger;
import io.memfabric.broker.web.Problem;
import io.memfabric.broker.web.ProblemCode;
import io.memfabric.broker.web.Required;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;

/// What would happen if. It changes nothing, so it needs no key.
@RestController
class SimulationController {

    private static final int MOST = 64;

    private final Simulation simulation;
    private final Ledger ledger;

    SimulationController(Simulation simulation, Ledger ledger) {
        this.simulation = simulation;
        this.ledger = ledger;
    }

    record Request(@Nullable Spec spec) {}

    /// Either list may have a null in it, as any JSON may; what is made of it refuses that.
    record Spec(@Nullable List<GrantRequest.Spec> grants, @Nullable List<UUID> lostHosts) {}

    @PostMapping("/api/v1/placements:simulate")
    Simulation.Outcome simulate(@RequestBody Request request) {
        Spec spec = Required.field("spec", request.spec());
        List<GrantSpec> wanted =
                bounded("spec.grants", spec.grants()).stream()
                        .map(grant -> new GrantRequest(grant).toSpec())
                        .toList();
        Set<UUID> lost =
                Set.copyOf(
                        bounded("spec.lostHosts", spec.lostHosts()).stream()
                                .map(id -> Required.field("spec.lostHosts[]", id))
                                .toList());
        return ledger.change(() -> simulation.run(wanted, lost));
    }

    private static <T> List<T> bounded(String field, @Nullable List<T> list) {
        List<T> given = list == null ? List.of() : list;
        if (given.size() > MOST) {
            throw new Problem(
                    ProblemCode.MALFORMED_REQUEST, field + " has more than " + MOST + " items.");
        }
        return given;
    }
}
