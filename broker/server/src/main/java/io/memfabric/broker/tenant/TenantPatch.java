package io.memfabric.broker.tenant;

import io.memfabric.broker.policies.PolicyDocument;
import io.memfabric.broker.web.Problem;
import io.memfabric.broker.web.ProblemCode;
import io.memfabric.broker.web.Required;
import io.memfabric.contract.vocabulary.LatencyClass;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/// The fields of a tenant that a request names. A field that is absent stays as it is; a quota of
/// -1 takes the limit away.
record TenantPatch(
        @Nullable String name,
        @Nullable Long maxBytes,
        @Nullable Integer maxGrants,
        @Nullable Set<LatencyClass> latencyClasses,
        @Nullable LendTo lendTo) {

    private static final Pattern NAME = Pattern.compile("[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?");
    private static final long MOST_BYTES = 1L << 60;
    private static final int UNLIMITED = -1;

    TenantSpec toNew(PolicyDocument policy) {
        Required.field("spec.name", name);
        return over(
                new TenantSpec(
                        "",
                        policy.newTenantMaxBytes(),
                        policy.newTenantMaxGrants(),
                        TenantSpec.everyClass(),
                        LendTo.EVERYBODY));
    }

    TenantSpec over(TenantSpec before) {
        String wanted = name == null ? before.name() : name;
        if (!NAME.matcher(wanted).matches()) {
            throw new Problem(
                    ProblemCode.INVALID_NAME,
                    "name must have 1 to 63 small letters, digits or dashes inside.");
        }
        if (maxBytes != null && (maxBytes < UNLIMITED || maxBytes > MOST_BYTES)) {
            throw new Problem(
                    ProblemCode.INVALID_QUOTA, "maxBytes must be -1 to " + MOST_BYTES + ".");
        }
        if (maxGrants != null && maxGrants < UNLIMITED) {
            throw new Problem(ProblemCode.INVALID_QUOTA, "maxGrants must be -1 or more.");
        }
        return new TenantSpec(
                wanted,
                maxBytes == null ? before.maxBytes() : maxBytes == UNLIMITED ? null : maxBytes,
                maxGrants == null ? before.maxGrants() : maxGrants == UNLIMITED ? null : maxGrants,
                latencyClasses == null ? before.latencyClasses() : latencyClasses,
                lendTo == null ? before.lendTo() : lendTo);
    }
}
