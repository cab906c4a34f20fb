package io.memfabric.broker.policies;

import io.memfabric.broker.web.Problem;
import io.memfabric.broker.web.ProblemCode;
import io.memfabric.broker.web.Required;
import org.jspecify.annotations.Nullable;

/// What holds for the whole fabric.
///
/// @param lendAcrossTenants whether memory of one tenant's VMs may be lent to another at all
/// @param tenantRequestsPerSecond how much one tenant may ask, with bursts of twice as many
/// @param newTenantMaxBytes the quota of a tenant that is made without one; null for no limit
/// @param newTenantMaxGrants the same for the number of its grants
public record PolicyDocument(
        @Nullable Boolean lendAcrossTenants,
        @Nullable Integer tenantRequestsPerSecond,
        @Nullable Long newTenantMaxBytes,
        @Nullable Integer newTenantMaxGrants) {

    private static final int MOST_REQUESTS = 1_000_000;
    private static final long MOST_BYTES = 1L << 60;

    /// The document, where it can hold.
    PolicyDocument checked() {
        Required.field("document.lendAcrossTenants", lendAcrossTenants);
        int rate = Required.field("document.tenantRequestsPerSecond", tenantRequestsPerSecond);
        if (rate < 1 || rate > MOST_REQUESTS) {
            throw invalid("tenantRequestsPerSecond must be 1 to " + MOST_REQUESTS + ".");
        }
        if (newTenantMaxBytes != null
                && (newTenantMaxBytes < 0 || newTenantMaxBytes > MOST_BYTES)) {
            throw invalid("newTenantMaxBytes must be null or 0 to " + MOST_BYTES + ".");
        }
        if (newTenantMaxGrants != null && newTenantMaxGrants < 0) {
            throw invalid("newTenantMaxGrants must be null or 0 or more.");
        }
        return this;
    }

    /// Whether memory of one tenant's VMs may be lent to another.
    public boolean lendsAcrossTenants() {
        return !Boolean.FALSE.equals(lendAcrossTenants);
    }

    int tenantRate() {
        return tenantRequestsPerSecond == null ? MOST_REQUESTS : tenantRequestsPerSecond;
    }

    private static Problem invalid(String detail) {
        return new Problem(ProblemCode.INVALID_POLICY, detail);
    }
}
