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

/// The last explained decisions, newest last. What changes nothing, and what is only observed, is
/// noted once, not every second.
public final class DecisionLog {

    /// The outcome of a decision that was carried out.
    static final String DONE = "done";

    private static final int MAX = 1000;

    private final Deque<Entry> entries = new ArrayDeque<>();
    private final Map<UUID, String> lastReasons = new HashMap<>();
    private final Map<UUID, String> lastOfGrowth = new HashMap<>();
    private long sequence;

    /// A decision, when it was taken, and whether it was carried out.
    ///
    /// @param sequence its number, from 1
    /// @param outcome `done`, `observed only`, or what went wrong
    public record Entry(long sequence, Instant at, BalloonDecision decision, String outcome) {}

    /// Notes the decision; answers whether it is news.
    synchronized boolean note(Instant at, BalloonDecision decision, String outcome) {
        String said =
                decision.action() + " " + decision.why() + decision.inputs().detail() + outcome;
        Map<UUID, String> last = decision.why().isOfGrowth() ? lastOfGrowth : lastReasons;
        String before = last.put(decision.vmId(), said);
        boolean acted = decision.changesTarget() && outcome.equals(DONE);
        if (!acted && said.equals(before)) {
            return false;
        }
        entries.addLast(new Entry(++sequence, at, decision, outcome));
        if (entries.size() > MAX) {
            entries.removeFirst();
        }
        return true;
    }

    synchronized void retain(Set<UUID> vmIds) {
        lastReasons.keySet().retainAll(vmIds);
        lastOfGrowth.keySet().retainAll(vmIds);
    }

    /// The entries, oldest first.
    public synchronized List<Entry> entries() {
        return List.copyOf(entries);
    }

    /// The oldest entries after the one with that number.
    public synchronized List<Entry> after(long known, int most) {
        return entries.stream().filter(entry -> entry.sequence() > known).limit(most).toList();
    }
}
