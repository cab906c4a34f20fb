package io.memfabric.broker.inventory;

import io.memfabric.broker.access.Caller;
import io.memfabric.broker.database.Ledger;
import io.memfabric.broker.database.Rows;
import io.memfabric.broker.event.Events;
import io.memfabric.broker.event.NewEvent;
import io.memfabric.broker.web.ListQuery;
import io.memfabric.broker.web.Page;
import io.memfabric.broker.web.PageQuery;
import io.memfabric.broker.web.Problem;
import io.memfabric.broker.web.Required;
import io.memfabric.broker.web.Revision;
import io.memfabric.contract.agent.VmReport;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.ResponseEntity;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PatchMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestAttribute;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

@RestController
class VmController {

    private final JdbcClient jdbc;
    private final VmRepository vms;
    private final VmPolicyTable policies;
    private final FabricRepository fabric;
    private final Presence presence;
    private final Ledger ledger;
    private final Events events;

    VmController(
            JdbcClient jdbc,
            VmRepository vms,
            VmPolicyTable policies,
            FabricRepository fabric,
            Presence presence,
            Ledger ledger,
            Events events) {
        this.jdbc = jdbc;
        this.vms = vms;
        this.policies = policies;
        this.fabric = fabric;
        this.presence = presence;
        this.ledger = ledger;
        this.events = events;
    }

    record VmPatch(VmSpec.@Nullable Patch spec) {}

    /// Which VMs a page is to have, as the request says.
    record VmQuery(
            @Nullable UUID hostId,
            @Nullable UUID tenantId,
            @Nullable String name,
            @Nullable List<VmReport.State> state,
            @Nullable String order) {}

    @GetMapping("/api/v1/vms")
    Page<VmView> list(
            @RequestAttribute(Caller.ATTRIBUTE) Caller.Api caller,
            VmQuery asked,
            @RequestParam(required = false) @Nullable Integer pageSize,
            @RequestParam(required = false) @Nullable String pageToken) {
        PageQuery query = PageQuery.of(pageSize, pageToken);
        List<VmRow> rows = rows(asked, caller.onlyTenant().orElse(null), query);
        long revision = policyRevision();
        Map<UUID, VmPolicyTable.Row> wanted = policies.of(rows.stream().map(VmRow::id).toList());
        return Page.of(
                query,
                rows,
                vm -> vm.id().toString(),
                vm ->
                        view(
                                vm,
                                wanted.getOrDefault(vm.id(), VmPolicyTable.Row.usual(vm.id())),
                                revision));
    }

    private List<VmRow> rows(VmQuery asked, @Nullable UUID onlyTenant, PageQuery query) {
        ListQuery list =
                new ListQuery(
                                "select id, host_id, name, state, max_bytes, guest_daemon from vms",
                                "id",
                                asked.order())
                        .where("host_id = ?", asked.hostId())
                        .where("tenant_id = ?", asked.tenantId())
                        .where("tenant_id = ?", onlyTenant)
                        .where("name = ?", asked.name())
                        .whereOneOf("state", asked.state());
        return Rows.of(list.rows(jdbc, query.afterIdOrNull(), query.limit()).query(VmRow.class));
    }

    @GetMapping("/api/v1/vms/{id}")
    ResponseEntity<VmView> get(@PathVariable UUID id) {
        long revision = policyRevision();
        return answer(view(find(id), policies.of(id), revision));
    }

    @PatchMapping("/api/v1/vms/{id}")
    ResponseEntity<VmView> patch(
            @PathVariable UUID id,
            @RequestHeader(name = HttpHeaders.IF_MATCH, required = false) @Nullable String ifMatch,
            @RequestBody VmPatch patch) {
        VmSpec.MemoryPatch memory =
                Required.field("spec.memory", Required.field("spec", patch.spec()).memory());
        VmPolicyTable.Row after =
                ledger.change(() -> change(id, Revision.required(ifMatch), memory));
        return answer(view(find(id), after, policyRevision()));
    }

    private VmPolicyTable.Row change(UUID id, long expected, VmSpec.MemoryPatch patch) {
        VmRow vm = find(id);
        VmPolicyTable.Row before = policies.of(id);
        Revision.check(expected, before.revision());
        VmSpec wanted = before.spec().with(patch).checked(vm.maxBytes());
        if (wanted.equals(before.spec())) {
            return before;
        }
        VmSpec.Memory memory = wanted.memory();
        events.add(
                NewEvent.of(
                                "vm_policy_changed",
                                ("VM %s keeps %d bytes and gets %d at most (0: what it was defined"
                                                + " with), has weight %d, %s, and may grow by %d bytes.")
                                        .formatted(
                                                vm.name(),
                                                memory.floorBytes(),
                                                memory.ceilingBytes(),
                                                memory.weight(),
                                                memory.lend() ? "lends" : "lends nothing",
                                                wanted.policy(id).growMaxBytes()))
                        .host(vm.hostId())
                        .vm(id));
        return policies.write(before, wanted);
    }

    private VmRow find(UUID id) {
        return vms.findById(id).orElseThrow(() -> Problem.notFound("vm", id)).row();
    }

    private long policyRevision() {
        return fabric.findById(FabricEntity.ID).orElseThrow().policyRevision();
    }

    private VmView view(VmRow row, VmPolicyTable.Row policy, long policyRevision) {
        return VmView.of(row, policy, policyRevision, presence.of(row.hostId()));
    }

    private static ResponseEntity<VmView> answer(VmView view) {
        return ResponseEntity.ok().eTag(Revision.etag(view.revision())).body(view);
    }
}
