package io.memfabric.broker.grant;

import io.memfabric.broker.policy.LenderCandidate;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/// The fabric as it would be: without some hosts, and with regions taken that are free.
final class Rehearsed {

    private final Set<UUID> lost;
    private final Map<UUID, Long> taken = new HashMap<>();

    Rehearsed(Set<UUID> lost) {
        this.lost = Set.copyOf(lost);
    }

    boolean isLost(UUID hostId) {
        return lost.contains(hostId);
    }

    void take(UUID hostId) {
        taken.merge(hostId, 1L, Long::sum);
    }

    /// What is left of the hosts.
    List<LenderCandidate> left(List<LenderCandidate> hosts) {
        return hosts.stream()
                .filter(host -> !lost.contains(host.hostId()))
                .map(host -> less(host, taken.getOrDefault(host.hostId(), 0L)))
                .toList();
    }

    private static LenderCandidate less(LenderCandidate host, long count) {
        return new LenderCandidate(
                host.hostId(),
                host.reachable(),
                host.lending(),
                host.open(),
                Math.max(0, host.freeRegions() - count),
                host.claimedRegions() + count,
                host.domain(),
                host.roundTrip(),
                Math.max(0, host.steadyRegions() - count));
    }
}
