package io.memfabric.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.memfabric.broker.testbed.BrokerProcess;
import io.memfabric.broker.testbed.Http;
import io.memfabric.broker.testbed.SecureAgent;
import io.memfabric.broker.testbed.TestBroker;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/// The agents' port: who gets in with which certificate.
class AgentPortIT {

    private static Path dataDir;
    private static BrokerProcess broker;
    private static Http admin;
    private static int port;

    @BeforeAll
    static void start() throws Exception {
        dataDir = TestBroker.newDataDir();
        port = BrokerProcess.freePort();
        broker =
                BrokerProcess.start(
                        dataDir,
                        "--memfabric.agents.security=mutual-tls",
                        "--memfabric.agents.port=" + port);
        broker.awaitReady();
        admin = broker.caller(Files.readString(dataDir.resolve("admin-token")).strip());
    }

    @AfterAll
    static void stop() throws Exception {
        broker.stop();
        broker.close();
        TestBroker.deleteTree(dataDir);
    }

    private static String joinToken(String name) {
        return admin.post("/api/v1/join-tokens", Map.of("hostName", name))
                .body()
                .get("token")
                .asString();
    }

    private static SecureAgent enroll(String name) throws Exception {
        return SecureAgent.enroll(port, joinToken(name), name);
    }

    @Test
    void takesAHostInByItsTokenAndThenByItsCertificate() throws Exception {
        SecureAgent agent = enroll("secure");
        assertThat(agent.authorityFingerprint()).isEqualTo(joinToken("other").split("\\.", -1)[1]);
        assertThat(agent.report().status()).isEqualTo(200);
        assertThat(agent.withoutCertificate().report().code())
                .isEqualTo("client_certificate_required");
        assertThat(agent.withoutCertificate().renew().status()).isEqualTo(200);
    }

    @Test
    void refusesTheCertificateOfAnotherHost() throws Exception {
        SecureAgent one = enroll("one");
        SecureAgent other = enroll("other-one");
        SecureAgent.Answer answer = one.withCertificateOf(other).report();
        assertThat(answer.status()).isEqualTo(403);
        assertThat(answer.code()).isEqualTo("certificate_of_other_host");
    }

    @Test
    void refusesARevokedIdentityOnConnectionsThatAreOpen() throws Exception {
        SecureAgent agent = enroll("revoked");
        SecureAgent thief = agent.withTokenOf(enroll("thief"));
        assertThat(agent.report().status()).isEqualTo(200);
        assertThat(admin.delete("/api/v1/hosts/" + agent.hostId() + "/identity").status())
                .isEqualTo(204);
        assertThat(agent.report().status()).isEqualTo(401);
        assertThat(thief.report().code()).isEqualTo("certificate_revoked");

        SecureAgent again = enroll("revoked");
        assertThat(again.hostId()).isEqualTo(agent.hostId());
        assertThat(again.report().status()).isEqualTo(200);
    }

    @Test
    void refusesTheCertificateOfAHostThatWasTakenOut() throws Exception {
        SecureAgent agent = enroll("taken-out");
        SecureAgent thief = agent.withTokenOf(enroll("other-thief"));
        String host = "/api/v1/hosts/" + agent.hostId();
        admin.patch(
                host,
                Map.of("spec", Map.of("scheduling", "DRAINED")),
                "If-Match",
                admin.get(host).etag().orElseThrow());
        assertThat(admin.delete(host).status()).isEqualTo(204);
        assertThat(agent.report().status()).isEqualTo(401);
        assertThat(thief.report().code()).isEqualTo("certificate_revoked");
    }

    @Test
    void speaksNothingOlderThanTls13AndShowsNothingButTheAgentsRoutes() throws Exception {
        SecureAgent agent = enroll("modern");
        assertThatExceptionOfType(UncheckedIOException.class)
                .isThrownBy(() -> agent.withProtocol("TLSv1.2").report());
        assertThat(agent.get("/api/v1/sign-in").status()).isEqualTo(404);
        assertThat(broker.caller(agent.token()).get("/agent/v1/commands?revision=-1&wait=0").code())
                .isEqualTo("agent_port_required");
    }

    @Test
    void refusesACertificateThatTheAuthorityDidNotSign() throws Exception {
        SecureAgent agent = enroll("foreign");
        assertThatExceptionOfType(UncheckedIOException.class)
                .isThrownBy(() -> agent.withForgedCertificate().report());
    }
}
