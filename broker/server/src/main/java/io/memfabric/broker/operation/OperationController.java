package io.memfabric.broker.operation;

import io.memfabric.broker.web.Problem;
import io.memfabric.broker.web.ProblemCode;
import java.time.Duration;
import java.util.UUID;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

@RestController
class OperationController {

    private static final int LONGEST_WAIT = 30;

    private final Operations operations;

    OperationController(Operations operations) {
        this.operations = operations;
    }

    @GetMapping("/api/v1/operations/{id}")
    OperationView get(@PathVariable UUID id, @RequestParam(defaultValue = "0") int wait) {
        if (wait < 0 || wait > LONGEST_WAIT) {
            throw new Problem(ProblemCode.INVALID_WAIT, "wait must be 0 to 30 seconds.");
        }
        if (operations.get(id).isEmpty()) {
            throw Problem.notFound("operation", id);
        }
        return operations
                .await(id, Duration.ofSeconds(wait))
                .orElseThrow(() -> Problem.notFound("operation", id));
    }
}
