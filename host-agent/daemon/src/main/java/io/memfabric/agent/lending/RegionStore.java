package io.memfabric.agent.lending;

import io.memfabric.agent.policy.RegionTable;

/// Where the regions of one table are.
interface RegionStore {

    /// Regions of memory. They and their table go with the process.
    RegionStore MEMORY =
            new RegionStore() {
                @Override
                public RegionMemory make(long regionId) {
                    return LockedRegion.map();
                }

                @Override
                public void keep(RegionTable table) {
                    // Nothing to keep.
                }

                @Override
                public void remove(long regionId) {
                    // Nothing is left of it.
                }

                @Override
                public boolean canShrink() {
                    return true;
                }
            };

    /// Makes a region.
    ///
    /// @throws LendingException where the host has no more to give
    RegionMemory make(long regionId);

    /// Remembers a table, before anybody hears what changed in it.
    ///
    /// @throws LendingException where that cannot be done
    void keep(RegionTable table);

    /// Removes what is left of a region that was closed.
    void remove(long regionId);

    /// Whether a region can go back to the host when a grant is done with it.
    boolean canShrink();
}
