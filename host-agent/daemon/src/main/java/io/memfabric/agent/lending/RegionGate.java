package io.memfabric.agent.lending;

import io.memfabric.contract.region.RegionSetName;
import java.nio.ByteBuffer;
import java.util.List;

/// The one way to the memory of regions.
public interface RegionGate {

    /// Whether a borrower that presents this name would be let in.
    boolean admits(RegionSetName name);

    /// Lets a connection in and remembers it until [#leave], so that a fence can end it.
    ///
    /// @param sole whether all other connections to these regions are to be ended before this answers
    /// @return the regions' memory in the order of the name; nothing where the name is not that of a
    ///     claim that holds, or too many have entered
    List<ByteBuffer> enter(RegionSetName name, boolean sole, RegionConnection connection);

    /// Tells that this connection will not touch the regions' memory any more.
    void leave(RegionSetName name, RegionConnection connection);
}
