package io.memfabric.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.memfabric.broker.testbed.FakeAgent;
import io.memfabric.broker.testbed.Fleet;
import io.memfabric.broker.testbed.Http;
import io.memfabric.broker.testbed.OpenApi;
import io.memfabric.broker.testbed.Requests;
import io.memfabric.broker.testbed.TestBroker;
import io.memfabric.contract.agent.EnrollRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Who gets in, and how far.
class AccessIT {

    private final TestBroker broker = TestBroker.shared();
    private final Fleet fleet = new Fleet();

    @AfterEach
    void retire() {
        fleet.close();
    }

    @Test
    void answersNobodyWithoutATokenExceptWhoAsksForItsHealth() throws IOException {
        OpenApi api = OpenApi.read();
        for (OpenApi.Route route : api.routes()) {
            if (route.path().startsWith("/docs")) {
                continue;
            }
            Http.Answer answer = broker.caller("").send(route.method(), route.example(), null);
            if (route.path().startsWith("/actuator/health")) {
                assertThat(answer.status()).as(route.toString()).isEqualTo(200);
                assertThat(answer.body().at("/status").asString()).isEqualTo("UP");
            } else if (!api.isOpen(route)) {
                assertThat(answer.status()).as(route.toString()).isEqualTo(401);
                assertThat(answer.code()).as(route.toString()).isEqualTo("unauthenticated");
                assertThat(answer.type()).contains("application/problem+json");
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/error",
                "/actuator",
                "/actuator/env",
                "/actuator/health/db",
                "/actuator/health/../env",
                "/api/v1/nothing",
                "/agent/v1/nothing"
            })
    void answersNobodyWithoutATokenOnRoutesThatDoNotExist(String path) {
        assertThat(broker.caller("").get(path).status()).isEqualTo(401);
        assertThat(broker.admin().get(path).status()).isIn(400, 403, 404);
    }

    @ParameterizedTest
    @ValueSource(strings = {"mfa_", "mfa_0000", "mfh_1", "x", "Bearer", "mfa_' or ''='"})
    void refusesTokensThatItNeverGave(String token) {
        assertThat(broker.caller(token).get("/api/v1/hosts").code()).isEqualTo("unauthenticated");
    }

    @Test
    void keepsAgentsAndCallersApart() {
        FakeAgent agent = fleet.host();
        assertThat(agent.http().get("/api/v1/hosts").code()).isEqualTo("forbidden");
        assertThat(broker.admin().get("/agent/v1/commands").code()).isEqualTo("forbidden");
        assertThat(agent.http().get("/agent/v1/..;/..;/api/v1/hosts").status()).isEqualTo(400);
        assertThat(agent.http().get("/agent/v1/%2e%2e/%2e%2e/api/v1/hosts").status())
                .isEqualTo(400);
        assertThat(agent.http().get("/agent/v1//commands").status()).isEqualTo(400);
    }

    @Test
    void letsAJoinTokenInOnceAndOnlyItsHost() {
        Http joining = joining("door");
        EnrollRequest other =
                new EnrollRequest("window", "192.0.2.1:7700", "0.1.0", Requests.pem());
        assertThat(joining.post("/agent/v1/enroll", other).code())
                .isEqualTo("join_token_for_another_host");
        assertThat(joining.get("/agent/v1/commands").code()).isEqualTo("forbidden");

        EnrollRequest request =
                new EnrollRequest("door", "192.0.2.1:7700", "0.1.0", Requests.pem());
        Http.Answer first = joining.post("/agent/v1/enroll", request);
        assertThat(first.status()).isEqualTo(201);
        assertThat(joining.post("/agent/v1/enroll", request).status()).isEqualTo(401);

        Http.Answer again = joining("door").post("/agent/v1/enroll", request);
        assertThat(again.body().at("/hostId")).isEqualTo(first.body().at("/hostId"));
        Http old = broker.caller(first.body().at("/agentToken").asString());
        assertThat(old.get("/agent/v1/commands").status()).isEqualTo(401);
        Http now = broker.caller(again.body().at("/agentToken").asString());
        assertThat(now.get("/agent/v1/commands").status()).isEqualTo(200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"{\"hostName\":\"\"}", "{\"hostName\":\"a\\u0000b\"}"})
    void makesNoJoinTokenForAHostWithoutAName(String body) {
        assertThat(broker.admin().postRaw("/api/v1/join-tokens", body).code())
                .isEqualTo("invalid_host_name");
    }

    private Http joining(String name) {
        return broker.caller(
                broker.admin()
                        .post("/api/v1/join-tokens", Map.of("hostName", name))
                        .body()
                        .at("/token")
                        .asString());
    }

    @Test
    void keepsTheAdminsTokenForItself() throws IOException {
        assertThat(
                        PosixFilePermissions.toString(
                                Files.getPosixFilePermissions(
                                        broker.dataDir().resolve("admin-token"))))
                .isEqualTo("rw-------");
        assertThat(
                        PosixFilePermissions.toString(
                                Files.getPosixFilePermissions(
                                        broker.dataDir().resolve("database-password"))))
                .isEqualTo("rw-------");
    }

    @Test
    void readsNoBodyThatIsTooLarge() {
        String large = "{\"hostName\":\"" + "x".repeat(64 * 1024) + "\"}";
        assertThat(broker.admin().postRaw("/api/v1/join-tokens", large).status()).isEqualTo(413);
        Http.Answer chunked = broker.admin().postChunked("/api/v1/join-tokens", large);
        assertThat(chunked.status()).isEqualTo(413);
        assertThat(chunked.code()).isEqualTo("body_too_large");
    }

    @Test
    void readsNoBodyThatIsTooDeep() {
        String deep = "{\"hostName\":" + "[".repeat(40) + "]".repeat(40) + "}";
        assertThat(broker.admin().postRaw("/api/v1/join-tokens", deep).code())
                .isEqualTo("malformed_request");
    }

    @Test
    void readsNothingButJson() {
        Http.Answer answer =
                broker.admin()
                        .send("POST", "/api/v1/join-tokens", "a=b", "Content-Type", "text/plain");
        assertThat(answer.code()).isEqualTo("unsupported_media_type");
    }

    @Test
    void saysWhichMethodsARouteHas() {
        assertThat(broker.admin().delete("/api/v1/hosts").code()).isEqualTo("method_not_allowed");
    }
}
