package io.memfabric.agent.borrowing;

import io.memfabric.agent.borrowing.tcp.TcpLegTransport;
import io.memfabric.agent.nbd.tls.DataSecurity;

/// Legs without TLS, for tests of what they carry.
public final class Plaintext {

    private Plaintext() {}

    public static Leg.Transport legs() {
        return new TcpLegTransport(new DataSecurity.TrustedNetwork());
    }
}
