package io.memfabric.agent.borrowing;

import io.memfabric.contract.agent.ExtentPlan;
import io.memfabric.contract.agent.LegPlan;
import io.memfabric.contract.region.ExportName;
import io.memfabric.contract.region.RegionSetName;
import io.memfabric.contract.vocabulary.FabricLimits;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.UUID;

/// Which extent lies where in which group of regions. Extents of one lender share a connection, up
/// to a bound: a very large grant has several, and with them several threads.
///
/// @param groups the connections to open
/// @param places for each leg its group and where it begins in it: extent by extent, and of each
///     extent copy by copy
/// @param copies how many legs each extent has, 1 or 2
record LegLayout(List<LegGroup> groups, List<Place> places, int copies) {

    /// As many region names as fit into an export name with the longest numbers.
    static final int MAX_REGIONS = 100;

    private static final int MAX_COPIES = 2;

    /// Where a leg lies.
    record Place(int group, long offset) {}

    /// Lays out a plan.
    ///
    /// @throws BorrowingException where extents have more than two copies, or not all as many, or
    ///     two at one lender, or names that are none
    static LegLayout of(List<ExtentPlan> extents) throws BorrowingException {
        int copies = extents.getFirst().legs().size();
        List<LegPlan> legs = new ArrayList<>();
        for (ExtentPlan extent : extents) {
            int here = extent.legs().size();
            if (here != copies || copies > MAX_COPIES) {
                throw new BorrowingException(
                        "copies_unsupported",
                        "extent " + extent.index() + " has " + here + " copies",
                        null);
            }
            if (copies == MAX_COPIES) {
                refuseOneLender(
                        extent.legs().getFirst().lenderId(), extent.legs().getLast().lenderId());
            }
            legs.addAll(extent.legs());
        }
        return ofLegs(legs, copies);
    }

    /// Two copies on one host are lost together.
    static void refuseOneLender(UUID one, UUID other) throws BorrowingException {
        if (one.equals(other)) {
            throw new BorrowingException(
                    "copies_on_one_lender", "both copies of an extent are at lender " + one, null);
        }
    }

    /// Lays out legs.
    static LegLayout ofLegs(List<LegPlan> legs, int copies) throws BorrowingException {
        List<Draft> drafts = new ArrayList<>();
        List<Place> places = new ArrayList<>();
        for (LegPlan leg : legs) {
            ExportName region = parse(leg);
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
        return new LegLayout(
                drafts.stream().map(Draft::group).toList(), List.copyOf(places), copies);
    }

    private static ExportName parse(LegPlan leg) throws BorrowingException {
        try {
            return ExportName.parse(leg.exportName());
        } catch (IllegalArgumentException e) {
            throw new BorrowingException(
                    "bad_plan", "a leg at " + leg.address() + " names no region", e);
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
                    && Objects.equals(first.rdmaAddress(), leg.rdmaAddress())
                    && RegionSetName.isOfOneClaim(regions.getFirst(), region);
        }

        LegGroup group() {
            return new LegGroup(
                    first.lenderId(),
                    first.address(),
                    first.rdmaAddress(),
                    new RegionSetName(regions));
        }
    }
}
