package io.memfabric.broker.inventory;

import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.stereotype.Component;

/// When each host's inventory was last taken in, to ask for one that is overdue.
@Component
class InventoryTimes {

    private static final Duration OVERDUE = Duration.ofSeconds(15);

    private final ConcurrentHashMap<UUID, Long> taken = new ConcurrentHashMap<>();

    void taken(UUID hostId) {
        taken.put(hostId, System.nanoTime());
    }

    boolean isOverdue(UUID hostId) {
        Long last = taken.get(hostId);
        return last == null || System.nanoTime() - last > OVERDUE.toNanos();
    }
}
