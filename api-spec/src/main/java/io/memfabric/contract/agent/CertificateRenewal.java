package io.memfabric.contract.agent;

/// An enrolled host asks for its next certificate; answered with an [IssuedCertificate].
///
/// @param certificateRequest a request with a new key, PKCS#10 in PEM
public record CertificateRenewal(String certificateRequest) {

    public CertificateRenewal {
        Check.pem("certificateRequest", certificateRequest);
    }
}
