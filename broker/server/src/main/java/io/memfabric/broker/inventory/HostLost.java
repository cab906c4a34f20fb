package io.memfabric.broker.inventory;

import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// A host counts as lost. Published outside of a transaction, again and again until everybody has
/// coped with it.
///
/// @param bootId the region table that counts for nothing any more, or null where there was none
/// @param poweredOff whether its VMs are surely gone
public record HostLost(UUID hostId, @Nullable UUID bootId, boolean poweredOff) {}
