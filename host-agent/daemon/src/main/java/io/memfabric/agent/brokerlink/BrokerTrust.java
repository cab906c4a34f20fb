package io.memfabric.agent.brokerlink;

import java.net.Socket;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.security.cert.CertPathValidator;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.PKIXParameters;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.X509ExtendedTrustManager;
import org.jspecify.annotations.Nullable;

/// Believes a broker of the fabric whose authority has this fingerprint, at whatever address it is:
/// its certificate has the broker's name, which the authority gives to no host.
final class BrokerTrust extends X509ExtendedTrustManager {

    private static final String BROKER = "memfabric-broker";
    private static final String SERVER_AUTH = "1.3.6.1.5.5.7.3.1";
    private static final Integer DNS_NAME = 2;

    private final String pin;

    /// @param pin SHA-256 of the authority's certificate, in lower-case hexadecimal
    BrokerTrust(String pin) {
        this.pin = pin;
    }

    static String fingerprint(X509Certificate authority) throws CertificateException {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-256").digest(authority.getEncoded()));
        } catch (GeneralSecurityException e) {
            throw new CertificateException(e);
        }
    }

    private void check(X509Certificate @Nullable [] chain) throws CertificateException {
        if (chain == null || chain.length != 2) {
            throw new CertificateException("the broker must show its certificate and authority");
        }
        X509Certificate shown = chain[0];
        X509Certificate authority = chain[1];
        if (!fingerprint(authority).equals(pin)) {
            throw new CertificateException(
                    "authority_unknown: the broker belongs to another fabric than "
                            + pin.substring(0, 16)
                            + "…");
        }
        try {
            authority.checkValidity();
            PKIXParameters rules = new PKIXParameters(Set.of(new TrustAnchor(authority, null)));
            rules.setRevocationEnabled(false);
            CertPathValidator.getInstance("PKIX")
                    .validate(
                            CertificateFactory.getInstance("X.509")
                                    .generateCertPath(List.of(shown)),
                            rules);
        } catch (CertificateException e) {
            throw e;
        } catch (GeneralSecurityException e) {
            throw new CertificateException("the broker's certificate does not hold", e);
        }
        List<String> purposes = shown.getExtendedKeyUsage();
        if (!names(shown).contains(BROKER)
                || (purposes != null && !purposes.contains(SERVER_AUTH))) {
            throw new CertificateException("wrong_host: whoever answers is not a broker");
        }
    }

    private static List<String> names(X509Certificate certificate) throws CertificateException {
        Collection<List<?>> names = certificate.getSubjectAlternativeNames();
        return names == null
                ? List.of()
                : names.stream()
                        .filter(name -> DNS_NAME.equals(name.get(0)))
                        .map(name -> String.valueOf(name.get(1)))
                        .toList();
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine)
            throws CertificateException {
        check(chain);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket)
            throws CertificateException {
        check(chain);
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type)
            throws CertificateException {
        check(chain);
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine)
            throws CertificateException {
        throw new CertificateException("the agent serves nobody here");
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket)
            throws CertificateException {
        throw new CertificateException("the agent serves nobody here");
    }

    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type)
            throws CertificateException {
        throw new CertificateException("the agent serves nobody here");
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
        return new X509Certificate[0];
    }
}
