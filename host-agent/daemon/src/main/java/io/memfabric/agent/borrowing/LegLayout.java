package io.memfabric.agent.borrowing;

import io.memfabric.contract.agent.ExtentPlan;
import io.memfabric.contract.agent.LegPlan;
import io.memfabric.contract.region.ExportName;
import io.memfabric.contract.region.RegionSetName;
import io.memfabric.contract.vocabulary.FabricLimits;
import java.util.ArrayList;
import java.util.List;

/// Which extent lies where in which group of regions. Extents of one lender share a connection, up
/// to a bound: a very large grant has several, and with them several threads.
///
/// @param groups the connections to open
/// @param places for each extent, in order, its group and where it begins in it
record LegLayout(List<LegGroup> groups, List<Place> places) {

    /// As many region names as fit into an export name with the longest numbers.
    static final int MAX_REGIONS = 100;

    /// Where an extent lies.
    record Place(int group, long offset) {}

    /// Lays out a plan.
    ///
    /// @throws BorrowingException where extents have copies, or names that are none
    static LegLayout of(List<ExtentPlan> extents) throws BorrowingException {
        List<Draft> drafts = new ArrayList<>();
        List<Place> places = new ArrayList<>();
        for (ExtentPlan extent : extents) {
            if (extent.legs().size() != 1) {
                throw new BorrowingException(
                        "copies_unsupported",
                        "extent " + extent.index() + " has " + extent.legs().size() + " copies",
                        null);
            }
            LegPlan leg = extent.legs().getFirst();
            ExportName region = parse(extent, leg);
            int group = 0;
            while (group < drafts.size() && !drafts.get(group).takes(leg, region)) {
                group++;
            }
            if (group == drafts.size()) {
                drafts.add(new Draft(leg));
            }
            List<ExportName> regions = drafts.get(group).regions;
            places.add(new Place(group, regions.size() * FabricLimits.REGION.bytes()));
            regions.add(region);
        }
        return new LegLayout(drafts.stream().map(Draft::group).toList(), List.copyOf(places));
    }

    private static ExportName parse(ExtentPlan extent, LegPlan leg) throws BorrowingException {
        try {
            return ExportName.parse(leg.exportName());
        } catch (IllegalArgumentException e) {
            throw new BorrowingException(
                    "bad_plan", "extent " + extent.index() + " names no region", e);
        }
    }

    private static final class Draft {

        private final LegPlan first;
        private final List<ExportName> regions = new ArrayList<>();

        Draft(LegPlan first) {
            this.first = first;
        }

        boolean takes(LegPlan leg, ExportName region) {
            return regions.size() < MAX_REGIONS
                    && first.lenderId().equals(leg.lenderId())
                    && first.address().equals(leg.address())
                    && RegionSetName.isOfOneClaim(regions.getFirst(), region);
        }

        LegGroup group() {
            return new LegGroup(first.lenderId(), first.address(), new RegionSetName(regions));
        }
    }
}
