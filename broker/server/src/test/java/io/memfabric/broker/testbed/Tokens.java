package io.memfabric.broker.testbed;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// Tenants and callers of a test.
public final class Tokens {

    public static final String DEFAULT_TENANT = "00000000-0000-7000-8000-000000000001";

    private final TestBroker broker = TestBroker.shared();

    /// A tenant with this quota; null is no limit.
    public String tenant(@Nullable Long maxBytes, @Nullable Integer maxGrants) {
        Map<String, Object> spec = new LinkedHashMap<>();
        spec.put("name", "t-" + UUID.randomUUID());
        if (maxBytes != null) {
            spec.put("maxBytes", maxBytes);
        }
        if (maxGrants != null) {
            spec.put("maxGrants", maxGrants);
        }
        return id(post(broker.admin(), "/api/v1/tenants", Map.of("spec", spec)));
    }

    /// A caller of a tenant with a role.
    public Http caller(String tenantId, String role) {
        return broker.caller(token(tenantId, role).body().at("/token").asString());
    }

    public Http.Answer token(String tenantId, String role) {
        return post(
                broker.admin(),
                "/api/v1/tokens",
                Map.of(
                        "spec",
                        Map.of(
                                "name",
                                "n-" + UUID.randomUUID(),
                                "tenantId",
                                tenantId,
                                "roles",
                                List.of(role))));
    }

    /// Gives a VM to a tenant.
    public void assign(UUID vmId, String tenantId) {
        Http.Answer answer =
                broker.admin()
                        .send(
                                "PUT",
                                "/api/v1/vms/" + vmId + "/tenant",
                                "{\"tenantId\":\"" + tenantId + "\"}");
        if (answer.status() != 200) {
            throw new IllegalStateException(answer.toString());
        }
    }

    /// Sends a request that must make something.
    public static Http.Answer post(Http caller, String path, Object body) {
        Http.Answer answer =
                caller.post(path, body, "Idempotency-Key", UUID.randomUUID().toString());
        if (answer.status() != 201) {
            throw new IllegalStateException(answer.toString());
        }
        return answer;
    }

    private static String id(Http.Answer answer) {
        return answer.body().at("/id").asString();
    }
}
