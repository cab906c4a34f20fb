package io.memfabric.contract.agent;

/// A copy of an extent that is not whole.
///
/// @param extent the extent's index
/// @param exportName the region, see [io.memfabric.contract.region.ExportName]
/// @param reach whether the borrower reaches it
/// @param resyncing whether it gets the writes and is being given what it lacks
/// @param missingBytes how much it lacks
public record LegReport(
        int extent, String exportName, Reach reach, boolean resyncing, long missingBytes) {

    /// Whether a borrower reaches a region.
    public enum Reach {
        CONNECTED,
        /// The connection broke; the lender may come back with everything.
        BROKEN,
        /// The lender does not know the region any more: its pages are lost.
        GONE
    }

    public LegReport {
        Check.notNegative("extent", extent);
        Check.name("exportName", exportName, 255);
        Check.present("reach", reach);
        Check.notNegative("missingBytes", missingBytes);
    }
}
