package io.memfabric.agent.brokerlink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatNoException;

import io.memfabric.agent.certificate.HostCertificates;
import io.memfabric.agent.certificate.TestAuthority;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.InstantSource;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class BrokerTrustTest {

    private static final String BROKER = "memfabric-broker";

    private final TestAuthority authority = new TestAuthority();

    @TempDir private Path folder;
    private BrokerTrust trust;

    @BeforeEach
    void pin() throws Exception {
        trust = new BrokerTrust(BrokerTrust.fingerprint(x509(authority.pem())));
    }

    private static X509Certificate x509(String pem) throws Exception {
        return (X509Certificate)
                CertificateFactory.getInstance("X.509")
                        .generateCertificate(
                                new ByteArrayInputStream(pem.getBytes(StandardCharsets.US_ASCII)));
    }

    private X509Certificate[] chain(TestAuthority of, String name, Instant from, Instant to)
            throws Exception {
        String request =
                HostCertificates.load(folder.resolve("none"), InstantSource.system())
                        .request()
                        .pem();
        return new X509Certificate[] {
            x509(of.certify(request, from, to, name)), x509(of.pem()),
        };
    }

    private X509Certificate[] chain(TestAuthority of, String name) throws Exception {
        Instant now = Instant.now();
        return chain(of, name, now.minus(TestAuthority.DAY), now.plus(TestAuthority.DAY));
    }

    private void assertRefused(X509Certificate[] chain, String why) {
        assertThatExceptionOfType(CertificateException.class)
                .isThrownBy(() -> trust.checkServerTrusted(chain, "EC"))
                .withMessageContaining(why);
    }

    @Test
    void believesABrokerOfThePinnedAuthority() throws Exception {
        X509Certificate[] chain = chain(authority, BROKER);
        assertThatNoException().isThrownBy(() -> trust.checkServerTrusted(chain, "EC"));
    }

    @Test
    void believesNoHostAndNoOtherAuthority() throws Exception {
        assertRefused(chain(authority, UUID.randomUUID().toString()), "wrong_host");
        assertRefused(chain(new TestAuthority(), BROKER), "authority_unknown");
        X509Certificate[] mixed = chain(new TestAuthority(), BROKER);
        mixed[1] = x509(authority.pem());
        assertRefused(mixed, "does not hold");
        assertRefused(new X509Certificate[] {mixed[0]}, "must show");
    }

    @Test
    void believesNoCertificateThatHasEnded() throws Exception {
        Instant now = Instant.now();
        assertRefused(
                chain(
                        authority,
                        BROKER,
                        now.minus(TestAuthority.DAY.multipliedBy(2)),
                        now.minus(TestAuthority.DAY)),
                "does not hold");
    }

    @Test
    void takesThePinFromAJoinTokenOrAFile() throws Exception {
        String pin = BrokerTrust.fingerprint(x509(authority.pem()));
        assertThat(BrokerTls.pinOf("mfj_secret." + pin)).contains(pin);
        assertThat(BrokerTls.pinOf("mfj_secret")).isEmpty();
        assertThat(BrokerTls.pinOf("mfj_secret." + pin.substring(1))).isEmpty();
        assertThat(BrokerTls.pinOf("." + pin)).isEmpty();
        Path file = folder.resolve("authority.crt");
        Files.writeString(file, authority.pem());
        assertThat(BrokerTls.pinOf(file)).isEqualTo(pin);
    }
}
