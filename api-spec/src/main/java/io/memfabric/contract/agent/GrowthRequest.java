package io.memfabric.contract.agent;

import java.util.UUID;

/// A host asks for a grant for one of its VMs by itself, because its policy allows it and its guest
/// still needs memory after local relief. The same request again begins nothing new.
///
/// @param requestId the identity of the request, and of what it begins
/// @param sizeBytes how much, in bytes
public record GrowthRequest(UUID requestId, UUID vmId, long sizeBytes) {

    public GrowthRequest {
        Check.present("requestId", requestId);
        Check.present("vmId", vmId);
        if (sizeBytes <= 0) {
            throw new IllegalArgumentException("sizeBytes must be larger than zero");
        }
    }
}
