package io.memfabric.agent.balloon;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/// Tells how old a VM's statistics are without trusting the wall clock: from when their time stamp
/// was last seen to change. Only the first one of a VM is measured against the clock, since it may
/// be from long before.
final class StatisticsAge {

    private final Map<UUID, Seen> seen = new HashMap<>();

    private record Seen(long stampSeconds, Duration at) {}

    /// @param stampSeconds the statistics' own time stamp, by the host's wall clock
    /// @param wallSeconds the host's wall clock
    /// @param now the time since the agent's start
    Duration of(UUID vmId, long stampSeconds, long wallSeconds, Duration now) {
        Seen last = seen.get(vmId);
        if (last == null) {
            Duration age = Duration.ofSeconds(Math.abs(wallSeconds - stampSeconds));
            seen.put(vmId, new Seen(stampSeconds, now.minus(age)));
            return age;
        }
        if (last.stampSeconds() != stampSeconds) {
            seen.put(vmId, new Seen(stampSeconds, now));
            return Duration.ZERO;
        }
        return now.minus(last.at());
    }

    void retain(Set<UUID> vmIds) {
        seen.keySet().retainAll(vmIds);
    }
}
