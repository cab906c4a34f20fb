package io.memfabric.broker.inventory;

import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/// Of which grants the hosts are asked how their devices are built. In memory only: whatever is
/// forgotten, the next inventory brings up again.
@Component
class Descriptions {

    private final ConcurrentHashMap<UUID, List<UUID>> wanted = new ConcurrentHashMap<>();

    void want(UUID hostId, Set<UUID> grants) {
        if (grants.isEmpty()) {
            wanted.remove(hostId);
        } else {
            wanted.put(hostId, List.copyOf(grants));
        }
    }

    @Nullable List<UUID> of(UUID hostId) {
        return wanted.get(hostId);
    }
}
