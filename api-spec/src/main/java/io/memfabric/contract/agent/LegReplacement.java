package io.memfabric.contract.agent;

/// One leg in the place of another.
///
/// @param extent the extent's index
/// @param lost the export name of the leg that goes, see
///     [io.memfabric.contract.region.ExportName]
/// @param leg the leg that comes
public record LegReplacement(int extent, String lost, LegPlan leg) {

    public LegReplacement {
        Check.notNegative("extent", extent);
        Check.name("lost", lost, 255);
        Check.present("leg", leg);
    }
}
