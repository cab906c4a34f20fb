package io.memfabric.contract.agent;

import java.util.List;

/// A slice of one region's size of a grant's device.
///
/// @param index the slice's place: it starts at `index` times the region size
/// @param legs its copies, at least one, each on another host
public record ExtentPlan(int index, List<LegPlan> legs) {

    public ExtentPlan {
        Check.notNegative("index", index);
        legs = List.copyOf(Check.present("legs", legs));
        if (legs.isEmpty()) {
            throw new IllegalArgumentException("an extent needs a leg");
        }
        Check.atMost("legs", legs.size(), 4);
    }
}
