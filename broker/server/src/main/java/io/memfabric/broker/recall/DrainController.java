package io.memfabric.broker.recall;

import io.memfabric.broker.database.Ledger;
import io.memfabric.broker.operation.OperationView;
import java.net.URI;
import java.util.UUID;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;

@RestController
class DrainController {

    private final Drains drains;
    private final Ledger ledger;

    DrainController(Drains drains, Ledger ledger) {
        this.drains = drains;
        this.ledger = ledger;
    }

    record Accepted(OperationView operation) {}

    @PostMapping("/api/v1/hosts/{id}:drain")
    ResponseEntity<Accepted> drain(@PathVariable UUID id) {
        OperationView operation = ledger.change(() -> drains.begin(id));
        return ResponseEntity.accepted()
                .location(URI.create("/api/v1/operations/" + operation.id()))
                .body(new Accepted(operation));
    }
}
