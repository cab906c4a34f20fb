package io.memfabric.broker.inventory;

import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/// Tells two agents with one identity from one agent that was started again. Every process of an
/// agent has a boot id of its own that never comes back, so a boot id that speaks again and again
/// after another took its place belongs to a second process. Once may be a report that was under way
/// when its sender died.
final class Clones {

    /// So often a boot id must come back.
    private static final int RETURNS = 3;

    /// Who speaks so often without another in between is alone.
    private static final int ALONE = 10;

    /// Boot ids remembered of a host; an agent that starts over and over has many.
    private static final int REMEMBERED = 8;

    private static final class Seen {
        private UUID current;
        private int returns;
        private int inARow;
        private final Set<UUID> replaced = new HashSet<>();

        Seen(UUID current) {
            this.current = current;
        }
    }

    private final Map<UUID, Seen> hosts = new ConcurrentHashMap<>();

    /// Takes note of a report, and answers whether the host has two agents.
    boolean hear(UUID hostId, UUID bootId) {
        Seen seen = hosts.computeIfAbsent(hostId, _ -> new Seen(bootId));
        synchronized (seen) {
            if (bootId.equals(seen.current)) {
                if (++seen.inARow >= ALONE) {
                    seen.replaced.clear();
                    seen.returns = 0;
                }
                return false;
            }
            seen.inARow = 0;
            if (seen.replaced.size() >= REMEMBERED) {
                seen.replaced.clear();
                seen.returns = 0;
            }
            if (seen.replaced.remove(bootId)) {
                seen.returns++;
            }
            seen.replaced.add(seen.current);
            seen.current = bootId;
            return seen.returns >= RETURNS;
        }
    }

    /// Begins anew, as after the host has enrolled again.
    void forget(UUID hostId) {
        hosts.remove(hostId);
    }
}
