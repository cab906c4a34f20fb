package io.memfabric.contract.agent;

import java.util.UUID;

/// A region in the generation under which a grant claims it.
///
/// @param bootId identity of the region table that the broker believes in
/// @param regionId the region's number within that table
/// @param generation the generation of this claim
public record RegionClaim(UUID bootId, long regionId, long generation) {

    public RegionClaim {
        Check.present("bootId", bootId);
        Check.notNegative("regionId", regionId);
        Check.notNegative("generation", generation);
    }
}
