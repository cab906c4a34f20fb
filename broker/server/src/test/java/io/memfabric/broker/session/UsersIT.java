package io.memfabric.broker.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.memfabric.broker.testbed.Browser;
import io.memfabric.broker.testbed.Http;
import io.memfabric.broker.testbed.TestBroker;
import java.net.http.HttpResponse;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/// An admin makes accounts for others, and ends them.
class UsersIT {

    private final TestBroker broker = TestBroker.shared();

    @AfterEach
    void forgetAttempts() {
        broker.bean(SignInAttempts.class).succeeded("127.0.0.1", "the test");
    }

    private Http.Answer make(String name, Object roles) {
        Map<String, Object> body = Map.of("spec", Map.of("name", name, "roles", roles));
        String key = UUID.randomUUID().toString();
        return broker.admin().post("/api/v1/users", body, "Idempotency-Key", key);
    }

    private HttpResponse<String> signIn(Browser who, String name, String password) {
        Map<String, String> body = Map.of("name", name, "password", password);
        return who.send("POST", "/api/v1/session", Http.JSON.writeValueAsString(body));
    }

    @Test
    void letsSomebodyInWithThePasswordThatIsShownOnce() {
        Http.Answer made = make("vera@example.org", List.of("tenant-viewer"));
        assertThat(made.status()).as(made.body().toString()).isEqualTo(201);
        String password = made.body().get("password").asString();
        String id = made.body().get("id").asString();
        JsonNode listed = listed(id);
        assertThat(listed.has("password")).isFalse();
        assertThat(listed.at("/spec/roles/0").asString()).isEqualTo("tenant-viewer");

        Browser vera = new Browser(broker.address());
        assertThat(signIn(vera, "vera@example.org", password).statusCode()).isEqualTo(200);
        assertThat(vera.send("GET", "/api/v1/vms", null).statusCode()).isEqualTo(200);
        assertThat(vera.send("GET", "/api/v1/hosts", null).statusCode()).isEqualTo(403);
        assertThat(vera.send("GET", "/api/v1/users", null).statusCode()).isEqualTo(403);

        assertThat(broker.admin().delete("/api/v1/users/" + id).status()).isEqualTo(204);
        assertThat(vera.send("GET", "/api/v1/vms", null).statusCode()).isEqualTo(401);
        assertThat(signIn(vera, "vera@example.org", password).statusCode()).isEqualTo(401);
        assertThat(broker.admin().delete("/api/v1/users/" + id).status()).isEqualTo(404);
    }

    @Test
    void refusesWhatIsNobody() {
        assertThat(make("two words", List.of("admin")).code()).isEqualTo("invalid_name");
        assertThat(make("nora", List.of()).code()).isEqualTo("invalid_roles");
        assertThat(make("nora", List.of("emperor")).code()).isEqualTo("invalid_roles");
        Http.Answer made = make("twice", List.of("auditor"));
        assertThat(make("twice", List.of("auditor")).code()).isEqualTo("name_taken");
        broker.admin().delete("/api/v1/users/" + made.body().get("id").asString());
    }

    @Test
    void keepsTheLastAdmin() {
        broker.bean(LocalUsers.class).setAdmin("admin", "correct horse battery");
        Http.Answer second = make("second-admin", List.of("admin", "auditor"));
        String secondId = second.body().get("id").asString();
        assertThat(broker.admin().delete("/api/v1/users/" + secondId).status()).isEqualTo(204);
        Http.Answer last = broker.admin().delete("/api/v1/users/" + idOf("admin"));
        assertThat(last.status()).isEqualTo(409);
        assertThat(last.code()).isEqualTo("last_admin");
    }

    private JsonNode listed(String id) {
        for (JsonNode user : broker.admin().get("/api/v1/users?pageSize=200").body().get("items")) {
            if (user.get("id").asString().equals(id)) {
                return user;
            }
        }
        throw new AssertionError("no user " + id);
    }

    private String idOf(String name) {
        for (JsonNode user : broker.admin().get("/api/v1/users?pageSize=200").body().get("items")) {
            if (user.at("/spec/name").asString().equals(name)) {
                return user.get("id").asString();
            }
        }
        throw new AssertionError("nobody is called " + name);
    }
}
