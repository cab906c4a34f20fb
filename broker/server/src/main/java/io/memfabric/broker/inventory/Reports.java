package io.memfabric.broker.inventory;

import io.memfabric.broker.access.Caller;
import io.memfabric.broker.database.Ledger;
import io.memfabric.broker.web.Problem;
import io.memfabric.broker.web.ProblemCode;
import io.memfabric.contract.agent.HostReport;
import io.memfabric.contract.agent.ReportReply;
import io.memfabric.contract.agent.VmReport;
import io.memfabric.contract.vocabulary.HarvestMode;
import java.time.InstantSource;
import java.util.ArrayList;
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
    private final HostLimits limits;
    private final VmRows vms;
    private final Presence presence;
    private final PresenceShare share;
    private final Quarantine quarantine;
    private final Brokers brokers;
    private final InventoryTimes inventories;
    private final VmPolicyTable policies;
    private final InstantSource clock;
    private final ApplicationEventPublisher publisher;

    /// The VMs of each host as they were last written, so that a report that changes nothing writes
    /// nothing.
    private final ConcurrentHashMap<UUID, Map<UUID, VmRow>> written = new ConcurrentHashMap<>();

    Reports(
            Ledger ledger,
            HostLimits limits,
            VmRows vms,
            Presence presence,
            PresenceShare share,
            Quarantine quarantine,
            Brokers brokers,
            InventoryTimes inventories,
            VmPolicyTable policies,
            InstantSource clock,
            ApplicationEventPublisher publisher) {
        this.ledger = ledger;
        this.limits = limits;
        this.vms = vms;
        this.presence = presence;
        this.share = share;
        this.quarantine = quarantine;
        this.brokers = brokers;
        this.inventories = inventories;
        this.policies = policies;
        this.clock = clock;
        this.publisher = publisher;
    }

    @PostMapping("/agent/v1/reports")
    ReportReply report(
            @RequestAttribute(Caller.ATTRIBUTE) Caller.Agent caller, @RequestBody HostReport said) {
        UUID hostId = caller.hostId();
        checkDistinct(said.vms());
        if (presence.of(hostId).filter(last -> !last.ours()).isPresent()) {
            // Another broker may have written other VMs since.
            written.remove(hostId);
        }
        HostReport report = presence.whole(hostId, said);
        HostLimits.Limit host = limits.of(hostId).orElseThrow();
        presence.hear(hostId, report);
        quarantine.hear(hostId, report.bootId());
        boolean held = quarantine.holds(hostId);
        if (!held && changesVms(hostId, report.vms())) {
            written.put(hostId, ledger.change(() -> writeVms(hostId, report.vms())));
        }
        if (!held && report.memory().shortBytes() > 0) {
            publisher.publishEvent(new HostShort(hostId, report.memory()));
        }
        HostLimits.Whole whole = limits.whole();
        return new ReportReply(
                held ? HarvestMode.OBSERVE : whole.bounded(host.mode()),
                held ? 0 : host.mayLendBytes(),
                !held && (!report.bootId().equals(host.bootId()) || inventories.isOverdue(hostId)),
                policies.news(report, whole.policyRevision()),
                share.term(hostId),
                brokers.moveOn());
    }

    /// A host is out of the fabric; if it ever comes again, all that it says is news.
    void forget(UUID hostId) {
        written.remove(hostId);
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
                        .filter(last -> state(last, row) != VmReport.State.OFF)
                        .isPresent();
    }

    /// What a VM's host last said of it; where that was to another broker, what that one wrote.
    private static VmReport.State state(Presence.Heard last, VmRow row) {
        if (!last.ours()) {
            return row.state();
        }
        VmReport report = last.vms().get(row.id());
        return report == null ? VmReport.State.OFF : report.state();
    }

    private Map<UUID, VmRow> writeVms(UUID hostId, List<VmReport> reports) {
        Map<UUID, VmRow> known = vms.of(hostId, reports.stream().map(VmReport::vmId));
        Map<UUID, VmRow> rows = new HashMap<>();
        List<VmRow> news = new ArrayList<>();
        for (VmReport report : reports) {
            VmRow row = known.remove(report.vmId());
            if (row != null && row.says(hostId, report)) {
                // The report's own objects, which stay in memory anyway.
                row = VmRow.of(hostId, report);
            } else if (row == null || !isElsewhere(row, hostId)) {
                row = VmRow.of(hostId, report);
                news.add(row);
            }
            rows.put(report.vmId(), row);
        }
        vms.write(news, clock.instant());
        vms.delete(known.keySet());
        return Map.copyOf(rows);
    }
}
