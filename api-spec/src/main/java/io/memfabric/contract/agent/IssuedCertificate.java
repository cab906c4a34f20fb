package io.memfabric.contract.agent;

/// What the fabric's authority answers to a certificate request.
///
/// @param hostPem the host's certificate in PEM: for TLS between agents, on both sides; its one DNS
///     name is the host id
/// @param authorityPem the authority's own certificate in PEM: all that an agent trusts
public record IssuedCertificate(String hostPem, String authorityPem) {

    public IssuedCertificate {
        Check.pem("hostPem", hostPem);
        Check.pem("authorityPem", authorityPem);
    }
}
