package io.memfabric.broker.grant;

import io.memfabric.broker.policy.NoticeClass;
import io.memfabric.broker.web.Problem;
import io.memfabric.broker.web.ProblemCode;
import io.memfabric.broker.web.Required;
import io.memfabric.contract.vocabulary.AttachMode;
import io.memfabric.contract.vocabulary.FabricLimits;
import io.memfabric.contract.vocabulary.LatencyClass;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.annotation.JsonDeserialize;

/// The body of a request for a grant.
record GrantRequest(@Nullable Spec spec) {

    private static final int MAX_COPIES = 2;

    record Spec(
            @Nullable UUID vmId,
            @JsonDeserialize(using = WholeBytes.class) @Nullable Long sizeBytes,
            @Nullable AttachMode attachMode,
            @Nullable LatencyClass latencyClass,
            @Nullable Integer copies,
            @Nullable NoticeClass notice,
            @Nullable Instant expiresAt) {}

    /// Until when it is wanted; null where until it is released.
    @Nullable Instant expiresAt() {
        return Required.field("spec", spec).expiresAt();
    }

    /// The checked specification, with the defaults filled in.
    GrantSpec toSpec() {
        Spec wanted = Required.field("spec", spec);
        UUID vmId = Required.field("spec.vmId", wanted.vmId());
        long bytes = Required.field("spec.sizeBytes", wanted.sizeBytes());
        if (bytes <= 0 || bytes > FabricLimits.GRANT_MAX.bytes()) {
            throw new Problem(
                    ProblemCode.INVALID_SIZE,
                    "sizeBytes must be 1 to " + FabricLimits.GRANT_MAX.bytes() + ".");
        }
        int copies = wanted.copies() == null ? 1 : wanted.copies();
        if (copies < 1 || copies > MAX_COPIES) {
            throw new Problem(ProblemCode.INVALID_COPIES, "copies must be 1 or 2.");
        }
        LatencyClass latencyClass =
                wanted.latencyClass() == null ? LatencyClass.ANY : wanted.latencyClass();
        return new GrantSpec(
                vmId,
                bytes,
                Required.field("spec.attachMode", wanted.attachMode()),
                latencyClass,
                copies,
                wanted.notice() == null ? NoticeClass.STANDARD : wanted.notice());
    }
}
