package io.memfabric.broker.inventory;

import io.memfabric.broker.access.Caller;
import io.memfabric.broker.database.Ledger;
import io.memfabric.broker.web.Problem;
import io.memfabric.broker.web.ProblemCode;
import io.memfabric.contract.agent.HostReport;
import io.memfabric.contract.agent.ReportReply;
import io.memfabric.contract.agent.VmReport;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestAttribute;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;

/// Takes in what hosts say every second, and tells them their limits.
@RestController
class Reports {

    private final Ledger ledger;
    private final HostRepository hosts;
    private final FabricRepository fabric;
    private final VmRepository vms;
    private final Presence presence;
    private final InventoryTimes inventories;
    private final VmPolicyTable policies;
    private final InstantSource clock;
    private final ApplicationEventPublisher publisher;

    /// The VMs of each host as they were last written, so that a report that changes nothing writes
    /// nothing.
    private final ConcurrentHashMap<UUID, Map<UUID, VmRow>> written = new ConcurrentHashMap<>();

    Reports(
            Ledger ledger,
            HostRepository hosts,
            FabricRepository fabric,
            VmRepository vms,
            Presence presence,
            InventoryTimes inventories,
            VmPolicyTable policies,
            InstantSource clock,
            ApplicationEventPublisher publisher) {
        this.ledger = ledger;
        this.hosts = hosts;
        this.fabric = fabric;
        this.vms = vms;
        this.presence = presence;
        this.inventories = inventories;
        this.policies = policies;
        this.clock = clock;
        this.publisher = publisher;
    }

    @PostMapping("/agent/v1/reports")
    ReportReply report(
            @RequestAttribute(Caller.ATTRIBUTE) Caller.Agent caller,
            @RequestBody HostReport report) {
        UUID hostId = caller.hostId();
        checkDistinct(report.vms());
        HostRow host = hosts.findById(hostId).map(HostEntity::row).orElseThrow();
        presence.hear(hostId, report);
        if (changesVms(hostId, report.vms())) {
            written.put(hostId, ledger.change(() -> writeVms(hostId, report.vms())));
        }
        if (report.memory().shortBytes() > 0) {
            publisher.publishEvent(new HostShort(hostId, report.memory()));
        }
        FabricEntity whole = fabric.findById(FabricEntity.ID).orElseThrow();
        return new ReportReply(
                whole.bounded(host.mode()),
                host.mayLendBytes(),
                !report.bootId().equals(host.bootId()) || inventories.isOverdue(hostId),
                policies.news(report, whole.policyRevision()));
    }

    private static void checkDistinct(List<VmReport> reports) {
        Set<UUID> seen = new HashSet<>();
        for (VmReport vm : reports) {
            if (!seen.add(vm.vmId())) {
                throw new Problem(
                        ProblemCode.DUPLICATE_VM, "VM " + vm.vmId() + " is in the report twice.");
            }
        }
    }

    private boolean changesVms(UUID hostId, List<VmReport> reports) {
        Map<UUID, VmRow> rows = written.get(hostId);
        if (rows == null || rows.size() != reports.size()) {
            return true;
        }
        return !reports.stream()
                .allMatch(
                        report -> {
                            VmRow row = rows.get(report.vmId());
                            return row != null
                                    && (row.says(hostId, report) || isElsewhere(row, hostId));
                        });
    }

    /// A VM that two hosts know, as during a migration, belongs to the one that had it as long as
    /// that host says that it is not off.
    private boolean isElsewhere(VmRow row, UUID reporter) {
        return !row.hostId().equals(reporter)
                && presence.of(row.hostId())
                        .filter(Presence.Heard::isRecent)
                        .map(last -> last.vms().get(row.id()))
                        .filter(vm -> vm.state() != VmReport.State.OFF)
                        .isPresent();
    }

    private Map<UUID, VmRow> writeVms(UUID hostId, List<VmReport> reports) {
        Instant now = clock.instant();
        Map<UUID, VmEntity> known = new HashMap<>();
        vms.findByHostId(hostId).forEach(vm -> known.put(vm.getId(), vm));
        vms.findByIdIn(reports.stream().map(VmReport::vmId).toList())
                .forEach(vm -> known.put(vm.getId(), vm));
        Map<UUID, VmRow> rows = new HashMap<>();
        for (VmReport report : reports) {
            VmEntity vm = known.remove(report.vmId());
            if (vm == null) {
                vm = vms.save(new VmEntity(hostId, report, now));
            } else if (!isElsewhere(vm.row(), hostId) && !vm.row().says(hostId, report)) {
                vm.update(hostId, report, now);
            }
            rows.put(report.vmId(), vm.row());
        }
        known.values().forEach(vms::delete);
        return Map.copyOf(rows);
    }
}
