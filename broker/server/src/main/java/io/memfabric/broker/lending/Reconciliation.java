package io.memfabric.broker.lending;

import io.memfabric.contract.agent.RegionReport;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// What a lender's inventory changes in the ledger. Pure: rows and reports in, changes out.
///
/// A claimed region of the ledger is never touched: only a fence or the loss of the table ends a
/// claim. It is disputed where the lender has gone further with it, as it has when the ledger lost
/// commits. A region that the lender keeps for a claim which the ledger does not have is blocked.
///
/// @param added regions that are new
/// @param updated regions whose state or generation is another
/// @param removed regions that the lender took back
/// @param disputed claimed regions that become disputed
/// @param settled claimed regions that are not disputed any more
/// @param foreign what the lender keeps for claims that the ledger does not have
record Reconciliation(
        List<Row> added,
        List<Row> updated,
        List<Long> removed,
        List<Long> disputed,
        List<Long> settled,
        List<RegionReport> foreign) {

    /// A region of the ledger.
    record Row(
            long regionId,
            long generation,
            String state,
            @Nullable UUID grantId,
            boolean disputed) {}

    static final String FREE = "FREE";
    static final String BLOCKED = "BLOCKED";
    static final String CLAIMED = "CLAIMED";

    static Reconciliation of(List<Row> rows, List<RegionReport> reports) {
        Map<Long, Row> left = HashMap.newHashMap(rows.size());
        rows.forEach(row -> left.put(row.regionId(), row));
        Reconciliation changes =
                new Reconciliation(
                        new ArrayList<>(),
                        new ArrayList<>(),
                        new ArrayList<>(),
                        new ArrayList<>(),
                        new ArrayList<>(),
                        new ArrayList<>());
        for (RegionReport report : reports) {
            changes.compare(left.remove(report.regionId()), report);
        }
        left.values().stream()
                .filter(row -> !row.state().equals(CLAIMED))
                .forEach(row -> changes.removed.add(row.regionId()));
        return changes;
    }

    boolean changesNothing() {
        return added.isEmpty()
                && updated.isEmpty()
                && removed.isEmpty()
                && disputed.isEmpty()
                && settled.isEmpty();
    }

    private void compare(@Nullable Row row, RegionReport report) {
        boolean taken = report.state() == RegionReport.State.CLAIMED;
        if (row != null && row.state().equals(CLAIMED)) {
            boolean foreigner = taken && !Objects.equals(report.grantId(), row.grantId());
            if (foreigner) {
                foreign.add(report);
            }
            boolean further = foreigner || report.generation() > row.generation();
            if (further != row.disputed()) {
                (further ? disputed : settled).add(row.regionId());
            }
            return;
        }
        if (taken) {
            foreign.add(report);
        }
        String state = taken ? BLOCKED : FREE;
        if (row == null) {
            added.add(new Row(report.regionId(), report.generation(), state, null, false));
            return;
        }
        long generation = Math.max(row.generation(), report.generation());
        if (!row.state().equals(state) || row.generation() != generation) {
            updated.add(new Row(report.regionId(), generation, state, null, false));
        }
    }
}
