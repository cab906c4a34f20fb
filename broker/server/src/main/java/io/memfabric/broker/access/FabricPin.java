package io.memfabric.broker.access;

/// What a host that joins knows its fabric by: the fingerprint of its authority, which travels in the
/// join token.
public interface FabricPin {

    /// SHA-256 of the authority's certificate, in hexadecimal.
    String fingerprint();
}
