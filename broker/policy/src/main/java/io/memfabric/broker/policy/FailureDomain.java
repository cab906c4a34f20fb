package io.memfabric.broker.policy;

import org.jspecify.annotations.Nullable;

/// What fails together with a host, beside the host itself. A part that nobody named is shared with
/// nobody.
public record FailureDomain(@Nullable String rack, @Nullable String power, @Nullable String zone) {

    public static final FailureDomain UNKNOWN = new FailureDomain(null, null, null);

    /// Whether one failure can take both: a rack or a power feed in common. A zone is large; it says
    /// who is near, not who fails together.
    public boolean failsWith(FailureDomain other) {
        return same(rack, other.rack) || same(power, other.power);
    }

    /// Whether both are known to be near each other.
    public boolean isNear(FailureDomain other) {
        return same(zone, other.zone) || same(rack, other.rack);
    }

    private static boolean same(@Nullable String one, @Nullable String other) {
        return one != null && one.equals(other);
    }
}
