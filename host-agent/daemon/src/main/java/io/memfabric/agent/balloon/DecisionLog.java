package io.memfabric.agent.balloon;

import io.memfabric.agent.policy.BalloonDecision;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/// The last explained decisions, newest last. That a VM is left alone is noted once, not every
/// second.
public final class DecisionLog {

    private static final int MAX = 1000;

    private final Deque<Entry> entries = new ArrayDeque<>();
    private final Map<UUID, String> lastReasons = new HashMap<>();

    /// A decision, when it was taken, and whether it was carried out.
    ///
    /// @param outcome `done`, `observed only`, or what went wrong
    public record Entry(Instant at, BalloonDecision decision, String outcome) {}

    /// Notes the decision; answers whether it is news.
    synchronized boolean note(Instant at, BalloonDecision decision, String outcome) {
        String reason = decision.reason() + outcome;
        String before = lastReasons.put(decision.vmId(), reason);
        if (!decision.changesTarget() && reason.equals(before)) {
            return false;
        }
        entries.addLast(new Entry(at, decision, outcome));
        if (entries.size() > MAX) {
            entries.removeFirst();
        }
        return true;
    }

    synchronized void retain(Set<UUID> vmIds) {
        lastReasons.keySet().retainAll(vmIds);
    }

    /// The entries, oldest first.
    public synchronized List<Entry> entries() {
        return List.copyOf(entries);
    }
}
