package io.memfabric.broker.tenant;

import io.memfabric.contract.vocabulary.LatencyClass;
import java.time.Instant;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// A tenant as the API shows it.
record TenantView(
        UUID id, Instant createdAt, Instant updatedAt, long revision, Spec spec, Status status) {

    record Spec(
            String name,
            @Nullable Long maxBytes,
            @Nullable Integer maxGrants,
            Set<LatencyClass> latencyClasses,
            LendTo lendTo) {}

    /// @param borrowedBytes what its grants hold now, every copy counted
    /// @param assignedVms VMs that were given to it
    record Status(long borrowedBytes, long grants, long assignedVms) {}

    static TenantView of(TenantRow row, TenantRows.Held held, long vms) {
        return new TenantView(
                row.id(),
                row.createdAt(),
                row.updatedAt(),
                row.revision(),
                new Spec(row.name(), row.maxBytes(), row.maxGrants(), row.classes(), row.lendTo()),
                new Status(held.borrowedBytes(), held.grants(), vms));
    }
}
