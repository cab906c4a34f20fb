package io.memfabric.broker.event;

import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// Which events a page has; what is null does not matter.
///
/// @param from only those beyond this number, in the page's direction
/// @param newest whether the page goes from the newest back
/// @param tenantId the one tenant whose events the caller may see, or empty for all
record EventFilter(
        long from,
        boolean newest,
        @Nullable UUID hostId,
        @Nullable UUID vmId,
        @Nullable UUID grantId,
        Optional<UUID> tenantId) {}
