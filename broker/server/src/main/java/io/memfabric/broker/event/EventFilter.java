package io.memfabric.broker.event;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// Which events somebody wants: those that are of all that is named.
record EventFilter(
        @Nullable String type,
        @Nullable UUID hostId,
        @Nullable UUID vmId,
        @Nullable UUID grantId) {}
