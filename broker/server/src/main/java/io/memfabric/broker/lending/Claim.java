package io.memfabric.broker.lending;

import java.util.UUID;

/// A region in the generation under which a grant has just claimed it.
public record Claim(UUID hostId, UUID bootId, long regionId, long generation) {}
