package io.memfabric.agent.certificate;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.interfaces.ECPublicKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.UUID;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/// A host's key, its certificate and the authority that gave it.
record HostCertificate(PrivateKey key, X509Certificate certificate, X509Certificate authority) {

    private static final char[] NO_PASSWORD = {};
    private static final Integer DNS_NAME = 2;
    private static final int MAX_SESSIONS = 1;

    /// Reads what [#pem] wrote, or what the broker answered to a request.
    ///
    /// @throws CertificateException `certificate_unreadable`
    static HostCertificate parse(PrivateKey key, String certificate, String authority)
            throws CertificateException {
        return new HostCertificate(key, x509(certificate), x509(authority));
    }

    static HostCertificate parse(String pem) throws CertificateException {
        try {
            List<byte[]> keys = Pem.read("PRIVATE KEY", pem);
            List<byte[]> certificates = Pem.read("CERTIFICATE", pem);
            if (keys.size() != 1 || certificates.size() != 2) {
                throw unreadable("a key and two certificates are expected");
            }
            PrivateKey key =
                    KeyFactory.getInstance("EC")
                            .generatePrivate(new PKCS8EncodedKeySpec(keys.getFirst()));
            return new HostCertificate(key, x509(certificates.get(0)), x509(certificates.get(1)));
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw unreadable(e.toString());
        }
    }

    private static X509Certificate x509(String pem) throws CertificateException {
        try {
            List<byte[]> found = Pem.read("CERTIFICATE", pem);
            if (found.size() != 1) {
                throw unreadable("one certificate is expected");
            }
            return x509(found.getFirst());
        } catch (IllegalArgumentException e) {
            throw unreadable(e.toString());
        }
    }

    private static X509Certificate x509(byte[] der) throws CertificateException {
        try {
            return (X509Certificate)
                    CertificateFactory.getInstance("X.509")
                            .generateCertificate(new ByteArrayInputStream(der));
        } catch (java.security.cert.CertificateException e) {
            throw unreadable(e.toString());
        }
    }

    private static CertificateException unreadable(String why) {
        return new CertificateException("certificate_unreadable", why);
    }

    /// Refuses a certificate that this host could not show to others.
    ///
    /// @param keys the key that it must be for
    void check(UUID hostId, ECPublicKey keys, Instant now) throws CertificateException {
        if (!Arrays.equals(certificate.getPublicKey().getEncoded(), keys.getEncoded())) {
            throw new CertificateException(
                    "certificate_of_other_key", "the certificate is not for our key");
        }
        try {
            certificate.verify(authority.getPublicKey());
            authority.verify(authority.getPublicKey());
        } catch (GeneralSecurityException e) {
            throw new CertificateException(
                    "authority_unknown", "the certificate is not of the authority beside it");
        }
        if (!names().contains(hostId.toString())) {
            throw new CertificateException(
                    "wrong_host", "the certificate is not that of host " + hostId);
        }
        if (!isValidAt(now)) {
            throw new CertificateException(
                    "clock_differs",
                    "the certificate holds from "
                            + notBefore()
                            + " to "
                            + notAfter()
                            + ", but this host's clock says "
                            + now);
        }
    }

    private List<String> names() {
        try {
            @Nullable Collection<List<?>> names = certificate.getSubjectAlternativeNames();
            if (names == null) {
                return List.of();
            }
            return names.stream()
                    .filter(name -> DNS_NAME.equals(name.get(0)))
                    .map(name -> String.valueOf(name.get(1)))
                    .toList();
        } catch (java.security.cert.CertificateParsingException e) {
            return List.of();
        }
    }

    boolean isFor(UUID hostId) {
        return names().contains(hostId.toString());
    }

    Instant notBefore() {
        return certificate.getNotBefore().toInstant();
    }

    Instant notAfter() {
        return certificate.getNotAfter().toInstant();
    }

    boolean isValidAt(Instant now) {
        return !now.isBefore(notBefore()) && now.isBefore(notAfter());
    }

    /// When two thirds of its life are over.
    Instant renewAt() {
        Duration life = Duration.between(notBefore(), notAfter());
        return notBefore().plus(life.dividedBy(3).multipliedBy(2));
    }

    /// What TLS needs of this. Sessions are not worth resuming: legs live long.
    SSLContext context() throws CertificateException {
        try {
            KeyStore believed = KeyStore.getInstance("PKCS12");
            believed.load(null, NO_PASSWORD);
            believed.setCertificateEntry("authority", authority);
            TrustManagerFactory trust =
                    TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(believed);
            return context(keyManagers(), trust.getTrustManagers());
        } catch (GeneralSecurityException | IOException e) {
            throw unreadable(e.toString());
        }
    }

    KeyManager[] keyManagers() throws CertificateException {
        try {
            KeyStore own = KeyStore.getInstance("PKCS12");
            own.load(null, NO_PASSWORD);
            own.setKeyEntry("host", key, NO_PASSWORD, new Certificate[] {certificate, authority});
            KeyManagerFactory keys =
                    KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            keys.init(own, NO_PASSWORD);
            return keys.getKeyManagers();
        } catch (GeneralSecurityException | IOException e) {
            throw unreadable(e.toString());
        }
    }

    static SSLContext context(KeyManager[] keys, TrustManager[] trust) throws CertificateException {
        try {
            SSLContext context = SSLContext.getInstance("TLSv1.3");
            context.init(keys, trust, null);
            context.getServerSessionContext().setSessionCacheSize(MAX_SESSIONS);
            context.getServerSessionContext().setSessionTimeout(1);
            context.getClientSessionContext().setSessionCacheSize(MAX_SESSIONS);
            return context;
        } catch (GeneralSecurityException e) {
            throw unreadable(e.toString());
        }
    }

    /// Everything, the key too: for a file that only its owner can read.
    String pem() {
        try {
            return Pem.write("PRIVATE KEY", key.getEncoded())
                    + Pem.write("CERTIFICATE", certificate.getEncoded())
                    + Pem.write("CERTIFICATE", authority.getEncoded());
        } catch (java.security.cert.CertificateEncodingException e) {
            throw new IllegalStateException("a certificate that was parsed has its bytes", e);
        }
    }

    /// Not the key.
    @Override
    public String toString() {
        return "HostCertificate[until " + notAfter() + "]";
    }
}
