package io.memfabric.agent.nbd.tls;

import io.memfabric.agent.nbd.StartTls;
import io.memfabric.agent.nbd.Wire;
import java.nio.channels.SocketChannel;
import java.util.Optional;

/// Whether regions are reached over sealed connections. Both sides have to agree: neither ever falls
/// back to what the other would rather have.
public sealed interface DataSecurity {

    /// Prepares a connection that a borrower opened to us.
    Opening lend(SocketChannel socket);

    /// Prepares a connection that we opened to a lender.
    ///
    /// @param lender the name that its certificate must have
    /// @throws TlsException where we have nothing to show
    Opening borrow(SocketChannel socket, String lender) throws TlsException;

    /// A connection between its first byte and the end of its NBD handshake.
    interface Opening {

        /// How the handshake must seal it, if it must.
        Optional<StartTls> startTls();

        /// What requests and replies go over once the handshake is done.
        Wire wire();
    }

    /// TLS 1.3 with a certificate of this fabric on both sides.
    record MutualTls(Credentials credentials) implements DataSecurity {

        @Override
        public Opening lend(SocketChannel socket) {
            return TlsOpening.lender(socket, credentials);
        }

        @Override
        public Opening borrow(SocketChannel socket, String lender) throws TlsException {
            if (credentials.context().isEmpty()) {
                throw new TlsException(
                        "certificate_missing", "this host has no valid certificate yet");
            }
            return TlsOpening.borrower(socket, credentials, lender);
        }
    }

    /// No TLS: whoever can reach the network can read what is not sealed otherwise, and disturb
    /// everything.
    record TrustedNetwork() implements DataSecurity {

        private record Plain(Wire wire) implements Opening {
            @Override
            public Optional<StartTls> startTls() {
                return Optional.empty();
            }
        }

        @Override
        public Opening lend(SocketChannel socket) {
            return new Plain(Wire.plain(socket));
        }

        @Override
        public Opening borrow(SocketChannel socket, String lender) {
            return new Plain(Wire.plain(socket));
        }
    }
}
