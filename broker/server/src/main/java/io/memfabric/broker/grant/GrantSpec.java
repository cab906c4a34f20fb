package io.memfabric.broker.grant;

import io.memfabric.broker.policy.NoticeClass;
import io.memfabric.contract.vocabulary.AttachMode;
import io.memfabric.contract.vocabulary.LatencyClass;
import java.util.UUID;

/// What somebody wants a grant to be.
record GrantSpec(
        UUID vmId,
        long sizeBytes,
        AttachMode attachMode,
        LatencyClass latencyClass,
        int copies,
        NoticeClass notice) {}
