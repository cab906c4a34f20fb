package io.memfabric.agent.lending.tcp;

import static org.assertj.core.api.Assertions.assertThat;

import io.memfabric.agent.certificate.TestAuthority;
import io.memfabric.agent.lending.Lender;
import io.memfabric.agent.nbd.RealClients;
import io.memfabric.contract.vocabulary.FabricLimits;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// GnuTLS' and QEMU's clients at a lender that seals. They check the lender's name themselves.
class TlsRealClientsIT {

    @TempDir private Path folder;

    private final TestAuthority authority = new TestAuthority();
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

    private String uri(String scheme, String parameters) {
        return "%s://localhost:%d/%s%s"
                .formatted(scheme, lender.lending.address().getPort(), export(), parameters);
    }

    private String export() {
        return lender.exportName(Lender.GRANT, 1, 1, 1);
    }

    private String sealed(TestAuthority known) throws IOException {
        Path shown = known.clientFolder(folder.resolve("shown" + System.identityHashCode(known)));
        return uri("nbds", "?tls-certificates=" + shown);
    }

    private String run(String... command) throws Exception {
        RealClients.Ended ended = RealClients.run(folder, command);
        assertThat(ended.status()).as(ended.text()).isZero();
        return ended.text();
    }

    @Test
    void nbdinfoSeesTheExport() throws Exception {
        assertThat(run("nbdinfo", sealed(authority)))
                .contains("with TLS")
                .contains("export-size: " + FabricLimits.REGION.bytes());
    }

    @Test
    void nbdcopyCopiesThereAndBack() throws Exception {
        byte[] bytes = new byte[(int) FabricLimits.REGION.bytes()];
        new Random(1).nextBytes(bytes);
        Path source = Files.write(folder.resolve("source"), bytes);
        Path back = folder.resolve("back");
        run("nbdcopy", "--flush", source.toString(), sealed(authority));
        run("nbdcopy", "--request-size=1048576", sealed(authority), back.toString());
        assertThat(Files.mismatch(source, back)).isEqualTo(-1);
    }

    @Test
    void qemuIoReadsAndWrites() throws Exception {
        Path shown = authority.clientFolder(folder.resolve("qemu"));
        String out =
                run(
                        "qemu-io",
                        "--object",
                        "tls-creds-x509,id=t,endpoint=client,dir=" + shown,
                        "-c",
                        "write -P 0x33 1M 2M",
                        "-c",
                        "read -P 0x33 1M 2M",
                        "-c",
                        "write -z 2M 4k",
                        "-c",
                        "read -P 0 2M 4k",
                        "--image-opts",
                        "driver=nbd,host=localhost,port=%d,export=%s,tls-creds=t"
                                .formatted(lender.lending.address().getPort(), export()));
        assertThat(out).doesNotContain("failed").doesNotContain("error");
    }

    @Test
    void aClientThatDoesNotSealIsRefused() throws Exception {
        RealClients.Ended ended = RealClients.run(folder, "nbdinfo", uri("nbd", ""));
        assertThat(ended.status()).isNotZero();
        assertThat(ended.text()).contains("without TLS");
    }

    @Test
    void aClientOfAnotherFabricIsRefused() throws Exception {
        RealClients.Ended ended = RealClients.run(folder, "nbdinfo", sealed(new TestAuthority()));
        assertThat(ended.status()).isNotZero();
    }
}
