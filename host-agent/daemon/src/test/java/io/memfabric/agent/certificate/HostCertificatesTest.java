package io.memfabric.agent.certificate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class HostCertificatesTest {

    private static final UUID HOST = UUID.fromString("00000000-0000-0000-0000-0000000000aa");
    private static final Duration DAY = Duration.ofDays(1);

    @TempDir private Path folder;

    private final TestAuthority authority = new TestAuthority();
    private final Instant start = Instant.parse("2026-03-01T00:00:00Z");
    private Instant now = start;
    private HostCertificates certificates;

    @BeforeEach
    void load() throws IOException {
        certificates = HostCertificates.load(file(), () -> now);
    }

    private Path file() {
        return folder.resolve("certificate.pem");
    }

    private void accept(String... names) throws IOException {
        CertificateRequest request = certificates.request();
        certificates.accept(
                request,
                HOST,
                authority.certify(request.pem(), start, start.plus(DAY), names),
                authority.pem());
    }

    private void refuses(String code, String... names) {
        assertThatExceptionOfType(CertificateException.class)
                .isThrownBy(() -> accept(names))
                .satisfies(e -> assertThat(e.code()).isEqualTo(code))
                .withMessageStartingWith(code + ": ");
        assertThat(file()).doesNotExist();
        assertThat(certificates.context()).isEmpty();
    }

    @Test
    void isDueAtOnceAndThenAtTwoThirdsOfALife() throws IOException {
        assertThat(certificates.renewAt(HOST)).isEqualTo(Instant.MIN);
        accept(HOST.toString());
        assertThat(certificates.renewAt(HOST)).isEqualTo(start.plus(Duration.ofHours(16)));
        assertThat(certificates.renewAt(UUID.randomUUID())).isEqualTo(Instant.MIN);
    }

    @Test
    void showsNothingThatHasExpired() throws IOException {
        accept(HOST.toString());
        assertThat(certificates.context()).isPresent();
        now = start.plus(DAY);
        assertThat(certificates.context()).isEmpty();
    }

    @Test
    void refusesACertificateThatItsClockDoesNotBelieve() {
        now = start.minusSeconds(1);
        refuses("clock_differs", HOST.toString());
        now = start.plus(DAY);
        refuses("clock_differs", HOST.toString());
    }

    @Test
    void refusesTheCertificateOfAnotherHost() {
        refuses("wrong_host", UUID.randomUUID().toString());
    }

    @Test
    void refusesACertificateThatIsNotOfTheAuthorityBesideIt() {
        CertificateRequest request = certificates.request();
        String certificate =
                authority.certify(request.pem(), start, start.plus(DAY), HOST.toString());
        assertThatExceptionOfType(CertificateException.class)
                .isThrownBy(
                        () ->
                                certificates.accept(
                                        request, HOST, certificate, new TestAuthority().pem()))
                .withMessageStartingWith("authority_unknown: ");
    }

    @Test
    void refusesACertificateForAnotherKey() {
        String certificate =
                authority.certify(
                        certificates.request().pem(), start, start.plus(DAY), HOST.toString());
        assertThatExceptionOfType(CertificateException.class)
                .isThrownBy(
                        () ->
                                certificates.accept(
                                        certificates.request(), HOST, certificate, authority.pem()))
                .withMessageStartingWith("certificate_of_other_key: ");
    }

    @Test
    void startsNotWithAFileThatOthersCanReadOrThatIsNoCertificate() throws IOException {
        accept(HOST.toString());
        Files.setPosixFilePermissions(file(), PosixFilePermissions.fromString("rw-r-----"));
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(() -> HostCertificates.load(file(), () -> now))
                .withMessageContaining("read by others");
        Files.setPosixFilePermissions(file(), PosixFilePermissions.fromString("rw-------"));
        Files.writeString(file(), "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----");
        assertThatExceptionOfType(CertificateException.class)
                .isThrownBy(() -> HostCertificates.load(file(), () -> now))
                .withMessageStartingWith("certificate_unreadable: ");
    }
}
