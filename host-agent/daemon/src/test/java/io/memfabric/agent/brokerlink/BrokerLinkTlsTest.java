package io.memfabric.agent.brokerlink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.memfabric.agent.certificate.HostCertificates;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class BrokerLinkTlsTest {

    private static final String REPORTS = "/agent/v1/reports";
    private static final String ENROLL = "/agent/v1/enroll";

    private static final LinkTiming QUICK =
            new LinkTiming(
                    Duration.ofMillis(5),
                    Duration.ofHours(1),
                    Duration.ofMillis(1),
                    Duration.ofSeconds(1),
                    Duration.ofMillis(2),
                    Duration.ofMillis(10),
                    Duration.ofMillis(5));

    @TempDir private Path folder;
    private FakeBroker broker;
    private final List<BrokerLink> links = new ArrayList<>();

    @BeforeEach
    void start() throws IOException {
        broker = FakeBroker.withTls();
    }

    @AfterEach
    void close() {
        links.forEach(BrokerLink::close);
        broker.close();
    }

    private BrokerLink link(Optional<Path> token) throws IOException {
        BrokerLink link =
                new BrokerLink(
                        new BrokerLink.Enrollment(
                                List.of(broker.uri()),
                                token,
                                folder.resolve("identity.json"),
                                new BrokerLink.Host("a", "10.0.0.5:7450", "1"),
                                HostCertificates.load(
                                        folder.resolve("certificate.pem"), InstantSource.system()),
                                new BrokerLink.Security(true, Optional.empty())),
                        new FakeHost(),
                        QUICK);
        links.add(link);
        return link;
    }

    private void awaitCalls(String path, int count) throws InterruptedException {
        long deadline = System.nanoTime() + Duration.ofSeconds(20).toNanos();
        while (broker.calls(path).size() < count) {
            if (System.nanoTime() > deadline) {
                throw new AssertionError("not seen: " + count + " calls of " + path);
            }
            Thread.sleep(5);
        }
    }

    @Test
    void joinsABrokerWhoseAuthorityTheTokenNamesAndKnowsItEverAfter() throws Exception {
        Path authority = folder.resolve("authority.crt");
        Files.writeString(authority, broker.authorityPem());
        String pin = BrokerTls.pinOf(authority);
        Files.writeString(folder.resolve("token"), "join-secret." + pin + "\n");
        BrokerLink joining = link(Optional.of(folder.resolve("token")));
        joining.start();
        awaitCalls(REPORTS, 2);
        assertThat(AgentIdentity.load(folder.resolve("identity.json")).orElseThrow().authority())
                .isEqualTo(pin);

        joining.close();
        int before = broker.calls(REPORTS).size();
        link(Optional.empty()).start();
        awaitCalls(REPORTS, before + 2);
        assertThat(broker.calls(ENROLL)).hasSize(1);
    }

    @Test
    void startsWithNobodyWhoWasNotKnownByACertificate() throws Exception {
        new AgentIdentity(FakeBroker.HOST, "agent-secret", null)
                .store(folder.resolve("identity.json"));
        BrokerLink stranger = link(Optional.empty());
        assertThatExceptionOfType(IOException.class)
                .isThrownBy(stranger::start)
                .withMessageContaining("broker_unknown");
    }
}
