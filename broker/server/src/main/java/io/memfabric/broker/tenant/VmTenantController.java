package io.memfabric.broker.tenant;

import io.memfabric.broker.audit.Audit;
import io.memfabric.broker.database.Ledger;
import io.memfabric.broker.web.Problem;
import io.memfabric.broker.web.ProblemCode;
import io.memfabric.broker.web.Required;
import io.memfabric.broker.web.Revision;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PutMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RestController;

/// Whose a VM is. It can change while no grant of the VM holds anything: a grant stays with the
/// tenant that asked for it.
@RestController
class VmTenantController {

    private final TenantRows rows;
    private final Ledger ledger;
    private final Audit audit;

    VmTenantController(TenantRows rows, Ledger ledger, Audit audit) {
        this.rows = rows;
        this.ledger = ledger;
        this.audit = audit;
    }

    record VmTenant(UUID vmId, UUID tenantId) {}

    record Assignment(@Nullable UUID tenantId) {}

    @GetMapping("/api/v1/vms/{id}/tenant")
    ResponseEntity<VmTenant> get(@PathVariable UUID id) {
        return answer(id, rows.tenantOfVm(id).orElseThrow(() -> Problem.notFound("vm", id)));
    }

    @PutMapping("/api/v1/vms/{id}/tenant")
    ResponseEntity<VmTenant> assign(
            @PathVariable UUID id,
            @RequestHeader(name = HttpHeaders.IF_MATCH, required = false) @Nullable String ifMatch,
            @RequestBody Assignment assignment) {
        UUID tenantId = Required.field("tenantId", assignment.tenantId());
        ledger.run(() -> give(id, tenantId, ifMatch));
        return answer(id, tenantId);
    }

    /// Whose it is, is all that can change of it, so that is its tag.
    private static ResponseEntity<VmTenant> answer(UUID id, UUID tenantId) {
        return ResponseEntity.ok().eTag(etag(tenantId)).body(new VmTenant(id, tenantId));
    }

    private static String etag(UUID tenantId) {
        return "\"" + tenantId + "\"";
    }

    private void give(UUID vmId, UUID tenantId, @Nullable String ifMatch) {
        if (rows.lock(tenantId).isEmpty()) {
            throw Problem.notFound("tenant", tenantId);
        }
        UUID before = rows.lockVm(vmId).orElseThrow(() -> Problem.notFound("vm", vmId));
        Revision.checkIfNamed(ifMatch, etag(before));
        if (before.equals(tenantId)) {
            return;
        }
        if (rows.hasLiveGrants(vmId)) {
            throw new Problem(
                    ProblemCode.VM_HAS_GRANTS,
                    "Release the VM's grants first; they stay with their tenant.");
        }
        rows.assign(vmId, tenantId);
        audit.add(
                new Audit.Entry(
                        "vm_assigned",
                        "vm/" + vmId,
                        tenantId,
                        "VM %s went from tenant %s to %s.".formatted(vmId, before, tenantId)));
    }
}
