package io.memfabric.agent.nbd.tls;

import io.memfabric.agent.nbd.StartTls;
import io.memfabric.agent.nbd.Wire;
import java.io.IOException;
import java.nio.channels.ByteChannel;
import java.nio.channels.SocketChannel;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import org.jspecify.annotations.Nullable;

/// Turns one socket into a sealed wire.
final class TlsOpening implements DataSecurity.Opening, StartTls {

    private static final String[] PROTOCOLS = {"TLSv1.3"};

    /// The shorter key first: pages are sealed with the longer one before they come here.
    private static final String[] SUITES = {"TLS_AES_128_GCM_SHA256", "TLS_AES_256_GCM_SHA384"};

    /// `GeneralName ::= CHOICE { … dNSName [2] … }`
    private static final Integer DNS_NAME = 2;

    private final SocketChannel socket;
    private final Credentials credentials;
    private final Optional<String> lender;
    private @Nullable TlsWire sealed;

    private TlsOpening(SocketChannel socket, Credentials credentials, Optional<String> lender) {
        this.socket = socket;
        this.credentials = credentials;
        this.lender = lender;
    }

    static TlsOpening lender(SocketChannel socket, Credentials credentials) {
        return new TlsOpening(socket, credentials, Optional.empty());
    }

    static TlsOpening borrower(SocketChannel socket, Credentials credentials, String lender) {
        return new TlsOpening(socket, credentials, Optional.of(lender));
    }

    @Override
    public Optional<StartTls> startTls() {
        return Optional.of(this);
    }

    @Override
    public boolean isReady() {
        return sealed == null && credentials.context().isPresent();
    }

    @Override
    public ByteChannel begin() throws IOException {
        SSLContext context =
                credentials
                        .context()
                        .orElseThrow(
                                () ->
                                        new TlsException(
                                                "certificate_missing",
                                                "this host has no valid certificate any more"));
        try {
            TlsWire wire = TlsWire.handshake(socket, engine(context));
            X509Certificate peer = (X509Certificate) wire.session().getPeerCertificates()[0];
            if (lender.isPresent() && !hasName(peer, lender.get())) {
                throw new TlsException(
                        "wrong_host", "the certificate shown is not that of host " + lender.get());
            }
            sealed = wire;
            return wire;
        } catch (SSLException e) {
            throw TlsException.of(e);
        }
    }

    private SSLEngine engine(SSLContext context) {
        SSLEngine engine = context.createSSLEngine();
        engine.setUseClientMode(lender.isPresent());
        SSLParameters parameters = new SSLParameters(SUITES, PROTOCOLS);
        parameters.setNeedClientAuth(true);
        engine.setSSLParameters(parameters);
        return engine;
    }

    private static boolean hasName(X509Certificate certificate, String name) {
        try {
            @Nullable Collection<List<?>> names = certificate.getSubjectAlternativeNames();
            return names != null && names.contains(List.of(DNS_NAME, name));
        } catch (CertificateParsingException e) {
            return false;
        }
    }

    @Override
    public Wire wire() {
        if (sealed == null) {
            throw new IllegalStateException("the handshake has sealed nothing");
        }
        return sealed;
    }
}
