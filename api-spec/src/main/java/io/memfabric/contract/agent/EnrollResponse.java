package io.memfabric.contract.agent;

import java.util.UUID;

/// The broker's answer to an enrollment.
///
/// @param hostId the identity of the host from now on
/// @param agentToken the secret that the agent presents in every later call; shown only here
/// @param certificate the host's first certificate
public record EnrollResponse(UUID hostId, String agentToken, IssuedCertificate certificate) {

    public EnrollResponse {
        Check.present("hostId", hostId);
        Check.present("agentToken", agentToken);
        Check.present("certificate", certificate);
    }
}
