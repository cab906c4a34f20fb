package io.memfabric.agent.hypervisor;

import java.nio.file.Path;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// A VM as the hypervisor shows it. Sizes in bytes.
///
/// @param maxBytes the memory it was defined with
/// @param ceilingBytes the most that its operator lets it have: what its definition says, whatever
///     its balloon holds now
/// @param balloonBytes the memory it has now
/// @param statistics what its balloon driver last reported, or null where it never did
/// @param guestChannel the host's end of the channel `io.memfabric.guest.0`, or null without one
/// @param exclusion why its memory must be left alone, or null where it takes part
public record VirtualMachine(
        UUID id,
        String name,
        State state,
        long maxBytes,
        long ceilingBytes,
        long balloonBytes,
        @Nullable BalloonStatistics statistics,
        @Nullable Path guestChannel,
        @Nullable Exclusion exclusion) {

    /// Whether a VM executes.
    public enum State {
        RUNNING,
        PAUSED,
        OFF
    }

    /// What a guest's balloon driver reported.
    ///
    /// @param usableBytes what the guest could use without swapping
    /// @param lastUpdateSeconds when, by the host's wall clock, in seconds since 1970
    public record BalloonStatistics(long usableBytes, long lastUpdateSeconds) {}

    public Optional<Path> channel() {
        return Optional.ofNullable(guestChannel);
    }

    public boolean isRunning() {
        return state == State.RUNNING;
    }
}
