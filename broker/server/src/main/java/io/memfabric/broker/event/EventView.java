package io.memfabric.broker.event;

import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// An event as the API shows it.
record EventView(
        long id,
        Instant at,
        String type,
        @Nullable UUID hostId,
        @Nullable UUID vmId,
        @Nullable UUID grantId,
        String detail) {}
