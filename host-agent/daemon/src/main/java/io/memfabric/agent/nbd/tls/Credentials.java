package io.memfabric.agent.nbd.tls;

import java.util.Optional;
import javax.net.ssl.SSLContext;

/// What this host shows to its peers and whom it believes.
public interface Credentials {

    /// The context for the next connection; nothing while this host has no valid certificate.
    Optional<SSLContext> context();
}
