package io.memfabric.agent.policy;

import java.time.Duration;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// One running VM's memory as its host knows it. Sizes in bytes.
///
/// @param ceilingBytes the most that it may get; what is missing of it can be given back
/// @param balloonBytes what it has now (`actual` of its balloon)
/// @param usable what its guest could use without swapping, or null where it never said
/// @param pressureCentipercent the guest's PSI `some avg10` times 100, or -1 where it is unknown
/// @param borrows whether it holds a grant
/// @param excludedBecause why nothing may be taken from it, or null where it takes part
/// @param relievable whether its balloon can be deflated at all
public record VmMemory(
        UUID vmId,
        long ceilingBytes,
        long balloonBytes,
        @Nullable Usable usable,
        long pressureCentipercent,
        boolean borrows,
        @Nullable String excludedBecause,
        boolean relievable) {

    /// What a guest said about itself, a hint.
    ///
    /// @param age how long ago it said so, as seen by the host
    public record Usable(long bytes, Duration age) {}

    boolean isInflated() {
        return balloonBytes < ceilingBytes;
    }
}
