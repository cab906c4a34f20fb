package io.memfabric.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.memfabric.broker.testbed.FakeAgent;
import io.memfabric.broker.testbed.Http;
import io.memfabric.broker.testbed.Requests;
import io.memfabric.broker.testbed.TestBroker;
import java.io.ByteArrayInputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// What the fabric's authority certifies, and what not.
class CertificatesIT {

    private static final String ROUTE = "/agent/v1/certificates";

    private final TestBroker broker = TestBroker.shared();

    private static X509Certificate x509(Http.Answer answer, String field) throws Exception {
        return (X509Certificate)
                CertificateFactory.getInstance("X.509")
                        .generateCertificate(
                                new ByteArrayInputStream(
                                        answer.body()
                                                .get(field)
                                                .asString()
                                                .getBytes(StandardCharsets.US_ASCII)));
    }

    @Test
    void certifiesTheKeyOfTheHostThatAsksForADayAndUnderItsOwnNameOnly() throws Exception {
        FakeAgent agent = FakeAgent.enroll(broker, "certified");
        KeyPair keys = Requests.keys("EC", 256);
        Http.Answer answer =
                agent.http()
                        .post(
                                ROUTE,
                                Map.of(
                                        "certificateRequest",
                                        Requests.pem(keys, keys, "SHA256withECDSA")));
        X509Certificate certificate = x509(answer, "hostPem");
        X509Certificate authority = x509(answer, "authorityPem");

        certificate.verify(authority.getPublicKey());
        certificate.checkValidity();
        assertThat(certificate.getPublicKey()).isEqualTo(keys.getPublic());
        assertThat(certificate.getSubjectX500Principal().getName())
                .isEqualTo("CN=" + agent.hostId());
        assertThat(certificate.getSubjectAlternativeNames())
                .hasToString("[[2, %s]]".formatted(agent.hostId()));
        assertThat(certificate.getBasicConstraints()).isEqualTo(-1);
        assertThat(certificate.getExtendedKeyUsage())
                .containsExactlyInAnyOrder("1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.2");
        assertThat(certificate.getNotAfter().toInstant())
                .isBefore(Instant.now().plus(Duration.ofHours(25)));
        assertThat(authority.getBasicConstraints()).isZero();
    }

    @Test
    void refusesWhatIsNoRequestOfTheKeyThatItNames() {
        FakeAgent agent = FakeAgent.enroll(broker, "uncertified");
        KeyPair one = Requests.keys("EC", 256);
        KeyPair other = Requests.keys("EC", 256);
        KeyPair larger = Requests.keys("EC", 384);
        KeyPair rsa = Requests.keys("RSA", 2048);
        for (String wrong :
                List.of(
                        Requests.pem(one, other, "SHA256withECDSA"),
                        Requests.pem(larger, larger, "SHA256withECDSA"),
                        Requests.pem(rsa, rsa, "SHA256withRSA"),
                        """
                        -----BEGIN CERTIFICATE REQUEST-----
                        AAAA
                        -----END CERTIFICATE REQUEST-----
                        """,
                        "-----BEGIN CERTIFICATE REQUEST-----\n")) {
            Http.Answer answer = agent.http().post(ROUTE, Map.of("certificateRequest", wrong));
            assertThat(answer.code()).as(wrong).isEqualTo("invalid_certificate_request");
        }
        assertThat(agent.http().post(ROUTE, Map.of("certificateRequest", "x")).code())
                .isEqualTo("malformed_request");
    }

    @Test
    void keepsItsKeyToItself() throws Exception {
        assertThat(
                        PosixFilePermissions.toString(
                                Files.getPosixFilePermissions(
                                        broker.dataDir().resolve("authority.pem"))))
                .isEqualTo("rw-------");
    }
}
