package io.memfabric.agent.borrowing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.memfabric.agent.borrowing.tcp.TcpLegTransport;
import io.memfabric.agent.certificate.HostCertificates;
import io.memfabric.agent.certificate.TestAuthority;
import io.memfabric.agent.lending.Lender;
import io.memfabric.agent.nbd.RawClient;
import io.memfabric.agent.nbd.tls.DataSecurity;
import io.memfabric.contract.agent.AttachGrant;
import io.memfabric.contract.agent.LegPlan;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Legs that are sealed, whole and between hosts that do not agree.
class TlsBorrowingIT {

    private static final Duration DAY = Duration.ofDays(1);

    @TempDir private Path runDir;
    @TempDir private Path folder;

    private final TestAuthority authority = new TestAuthority();
    private final UUID id = UUID.randomUUID();
    private final Instant now = Instant.now();

    private DataSecurity host(UUID host) throws IOException {
        return authority.security(folder, host);
    }

    private Lender lender(int regions, DataSecurity security) throws IOException {
        return Lender.with(regions, id, security);
    }

    private RemoteBorrowing borrowing(DataSecurity security) {
        return RemoteBorrowing.open(runDir, new TcpLegTransport(security));
    }

    private static RawClient enter(ExportedDisk disk) throws IOException {
        return RawClient.entered(UnixDomainSocketAddress.of(disk.socket()), disk.exportName());
    }

    @Test
    void everyPageKeepsItsStamp() throws Exception {
        try (Lender lender = lender(2, host(id));
                RemoteBorrowing borrowing = borrowing(host(UUID.randomUUID()))) {
            ExportedDisk disk = borrowing.open(lender.plan(2));
            PageModel model = new PageModel(disk.sizeBytes(), 1);
            try (RawClient client = enter(disk)) {
                for (int round = 0; round < 1_000; round++) {
                    model.round(client, round % 4 == 0 ? 32 : 2);
                }
                model.verifyAll(client);
            }
        }
    }

    @Test
    void longRequestsGoThroughWholeWhileKeysChange() throws Exception {
        try (Lender lender = lender(1, host(id));
                RemoteBorrowing borrowing = borrowing(host(UUID.randomUUID()));
                RawClient client = enter(borrowing.open(lender.plan(1)))) {
            byte[] data = new byte[1 << 20];
            Random random = new Random(5);
            for (int i = 0; i < 300; i++) {
                random.nextBytes(data);
                assertThat(client.write((long) (i % 64) << 20, data)).isZero();
                assertThat(client.read((long) (i % 64) << 20, data.length).data().array())
                        .isEqualTo(data);
            }
        }
    }

    @Test
    void aBrokenLegIsSealedAgainAndNothingIsLost() throws Exception {
        HostCertificates own =
                authority.host(folder, UUID.randomUUID(), now.minus(DAY), now.plus(DAY));
        try (Lender lender = lender(1, host(id));
                FaultProxy proxy = new FaultProxy(lender.lending.address());
                RemoteBorrowing borrowing = borrowing(new DataSecurity.MutualTls(own))) {
            AttachGrant direct = lender.plan(1);
            LegPlan leg = proxy.leg(direct.extents().getFirst().legs().getFirst());
            ExportedDisk disk = borrowing.open(Lender.plan(List.of(leg)));
            PageModel model = new PageModel(disk.sizeBytes(), 2);
            try (RawClient client = enter(disk)) {
                for (int cuts = 0; cuts < 20; cuts++) {
                    Thread cutter = Thread.ofVirtual().unstarted(proxy::cut);
                    for (int round = 0; round < 12; round++) {
                        if (round == cuts % 12) {
                            cutter.start();
                        }
                        model.round(client, 32);
                    }
                    cutter.join();
                }
                model.verifyAll(client);
            }
            assertThat(proxy.accepted()).isGreaterThan(10);
        }
    }

    private void refuses(String code, DataSecurity lending, DataSecurity borrowed)
            throws Exception {
        try (Lender lender = lender(1, lending);
                RemoteBorrowing borrowing = borrowing(borrowed)) {
            AttachGrant plan = lender.plan(1);
            assertThatExceptionOfType(BorrowingException.class)
                    .isThrownBy(() -> borrowing.open(plan))
                    .satisfies(e -> assertThat(e.code()).as("%s", e).isEqualTo(code));
        }
    }

    @Test
    void aLenderThatIsAnotherHostThanPlannedIsRefused() throws Exception {
        refuses("wrong_host", host(UUID.randomUUID()), host(UUID.randomUUID()));
    }

    @Test
    void aLenderOfAnotherFabricIsRefused() throws Exception {
        refuses(
                "authority_unknown",
                new TestAuthority().security(folder, id),
                host(UUID.randomUUID()));
    }

    @Test
    void aLenderWhoseCertificateHasExpiredIsRefused() throws Exception {
        HostCertificates expired = authority.host(folder, id, now.minus(DAY), now.minusSeconds(60));
        refuses(
                "certificate_expired",
                new DataSecurity.MutualTls(expired),
                host(UUID.randomUUID()));
    }

    @Test
    void aLenderWhoseCertificateBeginsLaterIsRefused() throws Exception {
        HostCertificates early = authority.host(folder, id, now.plusSeconds(600), now.plus(DAY));
        refuses(
                "certificate_not_yet_valid",
                new DataSecurity.MutualTls(early),
                host(UUID.randomUUID()));
    }

    @Test
    void aBorrowerThatTheLenderDoesNotBelieveIsTold() throws Exception {
        HostCertificates expired =
                authority.host(folder, UUID.randomUUID(), now.minus(DAY), now.minusSeconds(60));
        refuses("certificate_refused", host(id), new DataSecurity.MutualTls(expired));
    }

    @Test
    void sidesThatDoNotAgreeSayWhichOneWantsTls() throws Exception {
        refuses("tls_unavailable", new DataSecurity.TrustedNetwork(), host(UUID.randomUUID()));
        refuses("tls_required", host(id), new DataSecurity.TrustedNetwork());
    }

    @Test
    void aBorrowerWithoutACertificateSaysSo() throws Exception {
        refuses(
                "certificate_missing",
                host(id),
                new DataSecurity.MutualTls(
                        HostCertificates.load(folder.resolve("none"), InstantSource.system())));
    }
}
