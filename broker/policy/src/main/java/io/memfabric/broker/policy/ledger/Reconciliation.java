package io.memfabric.broker.policy.ledger;

import io.memfabric.broker.policy.ledger.Region.State;
import io.memfabric.contract.agent.RegionReport;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
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
public record Reconciliation(
        List<Region> added,
        List<Region> updated,
        List<Long> removed,
        List<Long> disputed,
        List<Long> settled,
        List<RegionReport> foreign) {

    /// What an inventory changes in the regions of its table.
    public static Reconciliation of(List<Region> regions, List<RegionReport> reports) {
        Map<Long, Region> left = HashMap.newHashMap(regions.size());
        regions.forEach(region -> left.put(region.regionId(), region));
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
                .filter(region -> region.state() != State.CLAIMED)
                .forEach(region -> changes.removed.add(region.regionId()));
        return changes;
    }

    /// Whether the ledger stays as it is.
    public boolean changesNothing() {
        return added.isEmpty()
                && updated.isEmpty()
                && removed.isEmpty()
                && disputed.isEmpty()
                && settled.isEmpty();
    }

    private void compare(@Nullable Region known, RegionReport report) {
        boolean taken = report.state() == RegionReport.State.CLAIMED;
        if (known != null && known.state() == State.CLAIMED) {
            boolean foreigner = taken && !Objects.equals(report.grantId(), known.grantId());
            if (foreigner) {
                foreign.add(report);
            }
            boolean further = foreigner || report.generation() > known.generation();
            if (further != known.disputed()) {
                (further ? disputed : settled).add(known.regionId());
            }
            return;
        }
        if (taken) {
            foreign.add(report);
        }
        State state = taken ? State.BLOCKED : State.FREE;
        if (known == null) {
            added.add(of(report, state, report.generation()));
            return;
        }
        long generation = Math.max(known.generation(), report.generation());
        if (known.state() != state
                || known.generation() != generation
                || !Objects.equals(known.heldFor(), report.grantId())) {
            updated.add(of(report, state, generation));
        }
    }

    private static Region of(RegionReport report, State state, long generation) {
        return Region.unclaimed(report.regionId(), generation, state, report.grantId());
    }
}
