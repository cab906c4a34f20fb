package io.memfabric.broker.tenant;

import io.memfabric.contract.vocabulary.LatencyClass;
import java.time.Instant;
import java.util.EnumSet;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// A tenant as the ledger has it.
///
/// @param maxBytes what its grants may hold in all, every copy counted; null for no limit
/// @param maxGrants how many grants it may have; null for no limit
/// @param latencyClasses the classes that it may ask for, separated by blanks
record TenantRow(
        UUID id,
        String name,
        @Nullable Long maxBytes,
        @Nullable Integer maxGrants,
        String latencyClasses,
        LendTo lendTo,
        Instant createdAt,
        Instant updatedAt,
        long revision) {

    Set<LatencyClass> classes() {
        EnumSet<LatencyClass> set = EnumSet.noneOf(LatencyClass.class);
        if (!latencyClasses.isEmpty()) {
            for (String name : latencyClasses.split(" ", -1)) {
                set.add(LatencyClass.valueOf(name));
            }
        }
        return set;
    }

    boolean hasQuota() {
        return maxBytes != null || maxGrants != null;
    }
}
