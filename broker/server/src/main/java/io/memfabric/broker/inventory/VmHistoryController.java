package io.memfabric.broker.inventory;

import io.memfabric.broker.web.Problem;
import java.util.List;
import java.util.UUID;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RestController;

/// What a VM had and needed within the last hour.
@RestController
class VmHistoryController {

    private final VmRepository vms;
    private final VmHistory history;

    VmHistoryController(VmRepository vms, VmHistory history) {
        this.vms = vms;
        this.history = history;
    }

    record VmHistoryView(UUID vmId, int stepSeconds, List<VmHistory.Point> points) {}

    @GetMapping("/api/v1/vms/{id}/history")
    VmHistoryView get(@PathVariable UUID id) {
        if (vms.findById(id).isEmpty()) {
            throw Problem.notFound("vm", id);
        }
        return new VmHistoryView(id, VmHistory.STEP_SECONDS, history.of(id));
    }
}
