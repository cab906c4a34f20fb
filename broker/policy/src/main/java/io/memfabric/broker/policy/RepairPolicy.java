package io.memfabric.broker.policy;

import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/// Chooses which legs of a mirrored grant need another in their place.
///
/// A lost leg is replaced as long as its extent has another. A leg whose lender is only silent is
/// replaced if the other leg is whole: while it is not, the silent lender may have the only copy of
/// a page, and it may come back.
public final class RepairPolicy {

    private RepairPolicy() {}

    /// How a leg is, as far as the ledger and the borrower know.
    public enum LegHealth {
        WHOLE,
        /// It is reached, but lacks some pages.
        PARTIAL,
        /// Its connection broke; its lender is heard or has not been silent for long.
        BROKEN,
        /// Its connection broke, and its lender has been silent for long.
        SILENT,
        /// The lender does not have the region any more.
        LOST
    }

    /// A leg of the device.
    public record LegNow(int extent, int leg, LegHealth health) {}

    /// A leg to replace.
    public record Gap(int extent, int leg) {}

    /// What is to be done.
    ///
    /// @param hopeless extents of which every copy is lost
    public record Plan(List<Gap> gaps, List<Integer> hopeless) {}

    /// Plans for the legs of a device.
    public static Plan plan(List<LegNow> legs) {
        SortedMap<Integer, List<LegNow>> extents = new TreeMap<>();
        legs.forEach(leg -> extents.computeIfAbsent(leg.extent(), _ -> new ArrayList<>()).add(leg));
        List<Gap> gaps = new ArrayList<>();
        List<Integer> hopeless = new ArrayList<>();
        extents.forEach(
                (extent, all) -> {
                    if (all.stream().allMatch(leg -> leg.health() == LegHealth.LOST)) {
                        hopeless.add(extent);
                    } else if (all.size() == 2) {
                        addGap(all.getFirst(), all.getLast(), gaps);
                        addGap(all.getLast(), all.getFirst(), gaps);
                    }
                });
        return new Plan(List.copyOf(gaps), List.copyOf(hopeless));
    }

    private static void addGap(LegNow leg, LegNow other, List<Gap> gaps) {
        boolean replace =
                switch (leg.health()) {
                    case LOST -> true;
                    case SILENT -> other.health() == LegHealth.WHOLE;
                    case WHOLE, PARTIAL, BROKEN -> false;
                };
        if (replace) {
            gaps.add(new Gap(leg.extent(), leg.leg()));
        }
    }
}
