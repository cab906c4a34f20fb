package io.memfabric.contract.agent;

/// A host's first words to the broker, sent once with a one-time join token.
///
/// @param hostName the name an operator knows the host by, 1 to 253 characters
/// @param dataAddress where borrowers reach this host's regions, as `address:port`
/// @param agentVersion the version of the agent
/// @param certificateRequest a request for the host's first certificate, PKCS#10 in PEM
public record EnrollRequest(
        String hostName, String dataAddress, String agentVersion, String certificateRequest) {

    public EnrollRequest {
        Check.name("hostName", hostName, 253);
        Check.hostAndPort("dataAddress", dataAddress);
        Check.name("agentVersion", agentVersion, 64);
        Check.pem("certificateRequest", certificateRequest);
    }
}
