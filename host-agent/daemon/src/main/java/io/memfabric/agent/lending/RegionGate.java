package io.memfabric.agent.lending;

import io.memfabric.contract.region.ExportName;
import java.nio.ByteBuffer;
import java.util.Optional;

/// The one way to a region's memory.
public interface RegionGate {

    /// Whether a borrower that presents this name would be let in.
    boolean admits(ExportName name);

    /// Lets a connection in and remembers it until [#leave], so that a fence can end it.
    ///
    /// @param sole whether all other connections of this claim are to be ended before this answers
    /// @return the region's memory, or empty where the name is not that of a claim that holds, or
    ///     too many have entered
    Optional<ByteBuffer> enter(ExportName name, boolean sole, RegionConnection connection);

    /// Tells that this connection will not touch the region's memory any more.
    void leave(ExportName name, RegionConnection connection);
}
