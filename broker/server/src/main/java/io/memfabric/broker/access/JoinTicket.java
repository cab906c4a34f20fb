package io.memfabric.broker.access;

/// A join token that was valid when it was shown.
///
/// @param hostName the host that it lets in
public record JoinTicket(Secret.Hash hash, String hostName) {}
