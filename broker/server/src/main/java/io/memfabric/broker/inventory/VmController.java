package io.memfabric.broker.inventory;

import io.memfabric.broker.access.Caller;
import io.memfabric.broker.web.Page;
import io.memfabric.broker.web.PageQuery;
import io.memfabric.broker.web.Problem;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.data.domain.Limit;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestAttribute;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

@RestController
class VmController {

    private final VmRepository vms;
    private final Presence presence;

    VmController(VmRepository vms, Presence presence) {
        this.vms = vms;
        this.presence = presence;
    }

    @GetMapping("/api/v1/vms")
    Page<VmView> list(
            @RequestAttribute(Caller.ATTRIBUTE) Caller.Api caller,
            @RequestParam(required = false) @Nullable UUID hostId,
            @RequestParam(required = false) @Nullable Integer pageSize,
            @RequestParam(required = false) @Nullable String pageToken) {
        PageQuery query = PageQuery.of(pageSize, pageToken);
        Limit limit = Limit.of(query.limit());
        UUID tenant = caller.onlyTenant().orElse(null);
        UUID after = query.afterId();
        List<VmEntity> rows;
        if (tenant == null) {
            rows =
                    hostId == null
                            ? vms.findByIdGreaterThanOrderById(after, limit)
                            : vms.findByHostIdAndIdGreaterThanOrderById(hostId, after, limit);
        } else {
            rows =
                    hostId == null
                            ? vms.findByTenantIdAndIdGreaterThanOrderById(tenant, after, limit)
                            : vms.findByTenantIdAndHostIdAndIdGreaterThanOrderById(
                                    tenant, hostId, after, limit);
        }
        return Page.of(query, rows, vm -> vm.getId().toString(), vm -> view(vm.row()));
    }

    @GetMapping("/api/v1/vms/{id}")
    VmView get(@PathVariable UUID id) {
        return view(vms.findById(id).orElseThrow(() -> Problem.notFound("vm", id)).row());
    }

    private VmView view(VmRow row) {
        return VmView.of(row, presence.of(row.hostId()));
    }
}
