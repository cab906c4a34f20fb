package io.memfabric.broker.inventory;

import io.memfabric.broker.database.Ledger;
import io.memfabric.contract.agent.VmReport;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.springframework.stereotype.Component;

/// Writes to the ledger which VMs hosts have, where that changed: a report that says nothing new
/// writes nothing.
@Component
class VmLedger {

    private final Ledger ledger;
    private final VmRows rows;
    private final Presence presence;
    private final InstantSource clock;

    VmLedger(Ledger ledger, VmRows rows, Presence presence, InstantSource clock) {
        this.ledger = ledger;
        this.rows = rows;
        this.presence = presence;
        this.clock = clock;
    }

    void keep(UUID hostId, HostVms vms) {
        HostVms.ToWrite what = vms.toWrite(hostId);
        vms.written(what, ledger.change(() -> write(hostId, what.rows())));
    }

    /// Whether the ledger has the VMs of a host as it said them.
    boolean isKept(UUID hostId, HostVms vms) {
        return vms.isWritten()
                && vms.elsewhere().values().stream().allMatch(row -> isElsewhere(row, hostId));
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
        return last.ours()
                ? last.vms().of(row.id()).map(VmReport::state).orElse(VmReport.State.OFF)
                : row.state();
    }

    /// Answers the rows of VMs that the host named and that belong to another one.
    private Map<UUID, VmRow> write(UUID hostId, List<VmRow> said) {
        Map<UUID, VmRow> known = rows.of(hostId, said.stream().map(VmRow::id));
        Map<UUID, VmRow> elsewhere = new HashMap<>();
        List<VmRow> news = new ArrayList<>();
        for (VmRow now : said) {
            VmRow row = known.remove(now.id());
            if (row != null && isElsewhere(row, hostId)) {
                elsewhere.put(row.id(), row);
            } else if (!now.equals(row)) {
                news.add(now);
            }
        }
        rows.write(news, clock.instant());
        rows.delete(known.keySet());
        return elsewhere;
    }
}
