package io.memfabric.broker.event;

import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// An event as the API shows it.
///
/// @param tenantId whose grant or VM it tells of, or null
public record EventView(
        long id,
        Instant at,
        String type,
        @Nullable UUID hostId,
        @Nullable UUID vmId,
        @Nullable UUID grantId,
        @Nullable UUID tenantId,
        String detail) {}
