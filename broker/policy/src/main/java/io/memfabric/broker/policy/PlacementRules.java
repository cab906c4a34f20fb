package io.memfabric.broker.policy;

/// What holds for every placement of a fabric.
///
/// @param largestSharePercent how much of one grant's legs a lender may hold, 1 to 100; one leg is
///     always allowed
/// @param lowLatencyNanos the bound of class `LOW`
/// @param surviveLargestLender whether a grant is refused after which the loss of the lender that
///     holds most could not be made good from what is free elsewhere
public record PlacementRules(
        int largestSharePercent, long lowLatencyNanos, boolean surviveLargestLender) {

    public static final PlacementRules USUAL = new PlacementRules(100, 20_000, false);

    public PlacementRules {
        if (largestSharePercent < 1 || largestSharePercent > 100 || lowLatencyNanos < 1) {
            throw new IllegalArgumentException("no such rules");
        }
    }

    /// The most legs of a grant that one lender may hold.
    long largestShare(PlacementRequest request) {
        return Math.max(1, (long) request.extents() * request.copies() * largestSharePercent / 100);
    }
}
