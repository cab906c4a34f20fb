package io.memfabric.agent.lending;

import io.memfabric.contract.agent.CommandResult;
import io.memfabric.contract.agent.FenceRegions;
import io.memfabric.contract.agent.PrepareRegions;
import io.memfabric.contract.agent.RegionReport;
import io.memfabric.contract.agent.SpillReport;
import io.memfabric.contract.vocabulary.MemorySize;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/// A host's regions: made from memory that the host was seen to have free, claimed by grants,
/// fenced and zeroed when a grant is done with them. Safe for use by several threads.
public interface Lending extends AutoCloseable {

    /// Identity of this region table; another one after every loss of the table.
    UUID bootId();

    /// Makes or dissolves free regions until all regions together take at most `lendable` bytes and
    /// as nearly so as whole regions allow. A claimed region is never touched, so the result may be
    /// larger. A dissolved region's memory is back with the kernel when this returns.
    ///
    /// @throws LendingException with code `memlock_limit` or `out_of_memory` where the kernel gives
    ///     or locks no more; the regions that were made until then stay
    void resizeTo(MemorySize lendable);

    /// Claims regions for a grant, all or none; answers the same to the same claim again.
    CommandResult prepare(PrepareRegions command);

    /// Ends a grant's access to regions and zeroes them; done only when no request of that epoch can
    /// be executed any more. Regions that this grant does not hold are left alone and count as
    /// fenced.
    CommandResult fence(FenceRegions command);

    /// Every region of the table.
    List<RegionReport> regions();

    /// The regions of the spill folder; empty where the host has none. They are no memory: nothing
    /// else here counts them.
    default Optional<SpillReport> spill() {
        return Optional.empty();
    }

    /// The size of all regions.
    MemorySize offered();

    /// The size of the claimed regions.
    MemorySize lent();

    @Override
    void close();
}
