package io.memfabric.agent.policy;

import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// A [RegionTable] as it is kept where it outlives its process.
public record SavedTable(UUID bootId, long nextId, List<Region> regions) {

    public SavedTable {
        regions = List.copyOf(regions);
    }

    /// A region of it.
    ///
    /// @param lastGrant who holds it, or held it last
    /// @param capability the secret of the claim, or null where it is free
    public record Region(
            long regionId,
            long generation,
            @Nullable UUID lastGrant,
            long lastEpoch,
            @Nullable String capability) {

        public Region {
            if (capability != null && lastGrant == null) {
                throw new IllegalArgumentException("a region is claimed by nobody");
            }
        }

        /// Not the secret: a log may be read by anybody.
        @Override
        public String toString() {
            return "region " + regionId + " in generation " + generation + " of " + lastGrant;
        }
    }
}
