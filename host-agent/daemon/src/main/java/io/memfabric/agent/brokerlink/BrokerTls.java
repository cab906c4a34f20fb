package io.memfabric.agent.brokerlink;

import io.memfabric.agent.certificate.HostCertificates;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Locale;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;

/// TLS to the broker: this host's certificate in force, and the pin that brokers are known by.
final class BrokerTls {

    private final HostCertificates certificates;
    private final String pin;
    private @Nullable SSLContext context;
    private Optional<SSLContext> builtFor = Optional.empty();

    BrokerTls(HostCertificates certificates, String pin) {
        this.certificates = certificates;
        this.pin = pin;
    }

    String pin() {
        return pin;
    }

    /// The fingerprint behind the dot of a join token.
    static Optional<String> pinOf(String joinToken) {
        int dot = joinToken.indexOf('.');
        String pin = joinToken.substring(dot + 1).toLowerCase(Locale.ROOT);
        return dot > 0 && pin.matches("[0-9a-f]{64}") ? Optional.of(pin) : Optional.empty();
    }

    /// The fingerprint of the authority whose certificate is in a file.
    static String pinOf(Path authorityFile) throws IOException {
        try (var in = Files.newInputStream(authorityFile)) {
            return BrokerTrust.fingerprint(
                    (X509Certificate)
                            CertificateFactory.getInstance("X.509").generateCertificate(in));
        } catch (CertificateException e) {
            throw new IOException(authorityFile + " holds no certificate", e);
        }
    }

    /// The context for the next connection: another one as soon as the host has a new certificate.
    synchronized SSLContext context() throws IOException {
        Optional<SSLContext> now = certificates.context();
        if (context == null || !now.equals(builtFor)) {
            context = certificates.clientContext(new BrokerTrust(pin));
            builtFor = now;
        }
        return context;
    }
}
