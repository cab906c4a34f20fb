package io.memfabric.broker.tenant;

import io.memfabric.contract.vocabulary.LatencyClass;
import java.util.EnumSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// What an operator wants a tenant to be, checked.
record TenantSpec(
        String name,
        @Nullable Long maxBytes,
        @Nullable Integer maxGrants,
        Set<LatencyClass> latencyClasses,
        LendTo lendTo) {

    static TenantSpec of(TenantRow row) {
        return new TenantSpec(
                row.name(), row.maxBytes(), row.maxGrants(), row.classes(), row.lendTo());
    }

    static Set<LatencyClass> everyClass() {
        return EnumSet.allOf(LatencyClass.class);
    }

    String[] classNames() {
        return latencyClasses.stream().map(Enum::name).sorted().toArray(String[]::new);
    }
}
