package io.memfabric.agent.lending.tcp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.memfabric.agent.certificate.HostCertificates;
import io.memfabric.agent.certificate.TestAuthority;
import io.memfabric.agent.lending.Lender;
import io.memfabric.agent.nbd.TlsClient;
import io.memfabric.agent.nbd.tls.DataSecurity;
import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Random;
import java.util.UUID;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a lender that seals says to clients that do not do as they should.
class TlsLenderIT {

    private static final int ACK = 1;
    private static final int UNSUPPORTED = 0x80000001;
    private static final int POLICY = 0x80000002;
    private static final int INVALID = 0x80000003;
    private static final int TLS_REQUIRED = 0x80000005;
    private static final Duration DAY = Duration.ofDays(1);

    @TempDir private Path folder;

    private final TestAuthority authority = new TestAuthority();
    private final Instant now = Instant.now();
    private Lender lender;

    @BeforeEach
    void lend() throws IOException {
        UUID id = UUID.randomUUID();
        lender = Lender.with(1, id, authority.security(folder, id));
        lender.claim(Lender.GRANT, 1, 1, 1);
    }

    @AfterEach
    void close() {
        lender.close();
    }

    private TlsClient client() throws IOException {
        return new TlsClient(lender.lending.address());
    }

    private SSLContext good() {
        return authority.stranger(now.minus(DAY), now.plus(DAY));
    }

    private String export() {
        return lender.exportName(Lender.GRANT, 1, 1, 1);
    }

    /// Whether a client that does everything right is served, whatever others did.
    private void stillServes() throws IOException {
        try (TlsClient client = client()) {
            assertThat(client.startTls()).isEqualTo(ACK);
            client.seal(good(), "TLSv1.3");
            assertThat(client.enter(export())).isEqualTo(ACK);
            byte[] page = new byte[4096];
            page[7] = 42;
            assertThat(client.write(4096, page)).isZero();
            assertThat(client.read(4096, 4096)).isEqualTo(page);
        }
    }

    @Test
    void hearsNothingInTheClearButThatItIsToSeal() throws IOException {
        try (TlsClient client = client()) {
            for (int option : new int[] {3, 6, 7, 8, 0x6d660001, 99}) {
                assertThat(client.option(option, new byte[0])).isEqualTo(TLS_REQUIRED);
            }
            assertThat(client.enter(export())).isEqualTo(TLS_REQUIRED);
            assertThat(client.option(5, new byte[1])).isEqualTo(INVALID);
            assertThat(client.startTls()).isEqualTo(ACK);
            client.seal(good(), "TLSv1.3");
            assertThat(client.startTls()).isEqualTo(INVALID);
            assertThat(client.enter(export())).isEqualTo(ACK);
        }
        try (TlsClient client = client()) {
            assertThat(client.option(2, new byte[0])).isEqualTo(ACK);
            assertThat(client.rest()).isEmpty();
        }
    }

    @Test
    void closesOnAnExportNameInTheClear() throws IOException {
        try (TlsClient client = client()) {
            client.sendOption(1, export().getBytes(java.nio.charset.StandardCharsets.US_ASCII));
            assertThat(client.rest()).isEmpty();
        }
    }

    @Test
    void carriesOutNothingThatWasSlippedInBeforeTheSeal() throws IOException {
        try (TlsClient client = client()) {
            client.sendOptions(5, 7, export());
            assertThat(client.reply()).isEqualTo(ACK);
            // An alert at most: certainly no answer to the option.
            assertThat(client.rest()).hasSizeLessThan(20);
        }
        try (TlsClient client = client()) {
            client.sendOptions(5, 5, "");
            assertThat(client.reply()).isEqualTo(ACK);
            assertThatExceptionOfType(IOException.class)
                    .isThrownBy(() -> client.seal(good(), "TLSv1.3"));
        }
        stillServes();
    }

    @Test
    void speaksNoOlderTls() throws IOException {
        try (TlsClient client = client()) {
            client.startTls();
            assertThatExceptionOfType(SSLException.class)
                    .isThrownBy(() -> client.seal(good(), "TLSv1.2"))
                    .withMessageContaining("protocol_version");
        }
        stillServes();
    }

    @Test
    void letsNobodyInWhoDoesNotShowAGoodCertificateOfThisFabric() throws IOException {
        for (SSLContext wrong :
                new SSLContext[] {
                    TestAuthority.nobody(),
                    new TestAuthority().stranger(now.minus(DAY), now.plus(DAY)),
                    authority.stranger(now.minus(DAY), now.minusSeconds(60)),
                    authority.stranger(now.plusSeconds(600), now.plus(DAY))
                }) {
            try (TlsClient client = client()) {
                client.startTls();
                assertThatExceptionOfType(IOException.class)
                        .isThrownBy(
                                () -> {
                                    client.seal(wrong, "TLSv1.3");
                                    client.enter(export());
                                });
            }
        }
        stillServes();
    }

    @Test
    void survivesGarbageAndHalfHandshakes() throws IOException {
        Random random = new Random(7);
        for (int i = 0; i < 100; i++) {
            try (TlsClient client = client()) {
                client.startTls();
                byte[] garbage = new byte[1 + random.nextInt(600)];
                random.nextBytes(garbage);
                if (i % 2 == 0) {
                    garbage[0] = 22; // the beginning of a handshake record
                    if (garbage.length > 4) {
                        garbage[1] = 3;
                        garbage[2] = 3;
                        garbage[3] = 0;
                    }
                }
                client.send(garbage);
                client.endOutput();
                assertThat(client.rest()).hasSizeLessThan(100);
            }
        }
        stillServes();
    }

    @Test
    void waitsFiveSecondsForAHandshakeAndNoLonger() throws IOException {
        try (TlsClient client = client()) {
            client.startTls();
            client.send(new byte[] {22, 3, 1, 2, 0, 1});
            assertThat(client.rest()).isEmpty();
        }
        stillServes();
    }

    @Test
    void aWriteThatIsCutInTheMiddleChangesNothing() throws IOException {
        stillServes();
        try (TlsClient client = client()) {
            client.startTls();
            client.seal(good(), "TLSv1.3");
            client.enter(export());
            client.sendHalfAWrite(4096, new byte[4096]);
        }
        try (TlsClient client = client()) {
            client.startTls();
            client.seal(good(), "TLSv1.3");
            client.enter(export());
            assertThat(client.read(4096, 4096)[7]).isEqualTo((byte) 42);
        }
    }

    @Test
    void promisesNoSealWithoutACertificate() throws IOException {
        UUID id = UUID.randomUUID();
        DataSecurity early =
                new DataSecurity.MutualTls(
                        HostCertificates.load(folder.resolve("none"), InstantSource.system()));
        try (Lender other = Lender.with(1, id, early);
                TlsClient client = new TlsClient(other.lending.address())) {
            assertThat(client.startTls()).isEqualTo(POLICY);
            assertThat(client.enter("any")).isEqualTo(TLS_REQUIRED);
        }
    }

    @Test
    void offersNoSealInATrustedNetwork() throws IOException {
        try (Lender other = Lender.with(1);
                TlsClient client = new TlsClient(other.lending.address())) {
            assertThat(client.startTls()).isEqualTo(UNSUPPORTED);
        }
    }

    @Test
    void aClientThatGoesAwayWithoutAWordIsForgotten() throws IOException {
        for (int i = 0; i < 20; i++) {
            try (TlsClient client = client()) {
                client.startTls();
                client.seal(good(), "TLSv1.3");
                assertThat(client.enter(export())).isEqualTo(ACK);
                client.cutBelowTls();
                assertThatExceptionOfType(IOException.class).isThrownBy(() -> client.read(0, 1));
            } catch (EOFException e) {
                throw new AssertionError(e);
            }
        }
        stillServes();
    }
}
