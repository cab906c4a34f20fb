package io.memfabric.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.memfabric.broker.testbed.Http;
import io.memfabric.broker.testbed.Poll;
import io.memfabric.broker.testbed.TestBroker;
import io.memfabric.broker.testbed.Tokens;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.UUID;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/// Versions of the policy: put in force, taken back, and never changed.
class PoliciesIT {

    private final TestBroker broker = TestBroker.shared();

    @Test
    void putsAVersionInForceAndTakesItBack() {
        Http.Answer first = broker.admin().get("/api/v1/policies/current");
        String key = UUID.randomUUID().toString();
        Http.Answer second = add(document(640L), first.etag().orElseThrow(), key);
        assertThat(second.status()).isEqualTo(201);
        assertThat(add(document(640L), first.etag().orElseThrow(), key).body())
                .as("sent again")
                .isEqualTo(second.body());
        assertThat(add(document(641L), first.etag().orElseThrow(), key).code())
                .isEqualTo("idempotency_key_reused");
        assertThat(add(document(1L), first.etag().orElseThrow(), "other").code())
                .as("from an older version")
                .isEqualTo("revision_conflict");
        assertThat(quotaOfANewTenant()).isEqualTo(640);

        long version = first.body().at("/version").asLong();
        Http.Answer back =
                broker.admin()
                        .post(
                                "/api/v1/policies:rollback",
                                Map.of("toVersion", version),
                                "If-Match",
                                second.etag().orElseThrow(),
                                "Idempotency-Key",
                                UUID.randomUUID().toString());
        assertThat(back.status()).isEqualTo(201);
        assertThat(back.body().at("/version").asLong()).isEqualTo(version + 2);
        assertThat(back.body().get("document")).isEqualTo(first.body().get("document"));
        assertThat(quotaOfANewTenant()).isEqualTo(-1);
    }

    @Test
    void bindsNobodyWhoMayUndoIt() {
        Http.Answer before = broker.admin().get("/api/v1/policies/current");
        Http viewer = new Tokens().caller(Tokens.DEFAULT_TENANT, "tenant-viewer");
        Map<String, Object> strict = document(null);
        strict.put("tenantRequestsPerSecond", 1);
        String etag = before.etag().orElseThrow();
        assertThat(add(strict, etag, UUID.randomUUID().toString()).status()).isEqualTo(201);
        try {
            assertThat(
                            IntStream.range(0, 20)
                                    .mapToObj(_ -> viewer.get("/api/v1/vms").status())
                                    .toList())
                    .contains(429);
            for (int i = 0; i < 20; i++) {
                assertThat(broker.admin().get("/api/v1/policies/current").status()).isEqualTo(200);
            }
        } finally {
            String now = broker.admin().get("/api/v1/policies/current").etag().orElseThrow();
            Http.Answer back = add(document(null), now, UUID.randomUUID().toString());
            assertThat(back.status()).isEqualTo(201);
        }
        Poll.until(() -> viewer.get("/api/v1/vms").status() == 200);
    }

    @Test
    void refusesWhatCannotHold() {
        String etag = broker.admin().get("/api/v1/policies/current").etag().orElseThrow();
        Map<String, Object> bad = document(null);
        bad.put("tenantRequestsPerSecond", 0);
        assertThat(add(bad, etag, "bad").code()).isEqualTo("invalid_policy");
        bad.put("unheardOf", 1);
        assertThat(add(bad, etag, "bad").code()).isEqualTo("malformed_request");
        assertThat(broker.admin().get("/api/v1/policies/999999").code())
                .isEqualTo("policy_not_found");
    }

    private long quotaOfANewTenant() {
        String id = new Tokens().tenant(null, null);
        JsonNode bytes = broker.admin().get("/api/v1/tenants/" + id).body().at("/spec/maxBytes");
        return bytes.isNull() ? -1 : bytes.asLong();
    }

    private Http.Answer add(Map<String, Object> document, String etag, String key) {
        return broker.admin()
                .post(
                        "/api/v1/policies",
                        Map.of("document", document, "note", "a test"),
                        "If-Match",
                        etag,
                        "Idempotency-Key",
                        key);
    }

    private static Map<String, Object> document(@Nullable Long newTenantMaxBytes) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("lendAcrossTenants", true);
        document.put("tenantRequestsPerSecond", 1000);
        document.put("newTenantMaxBytes", newTenantMaxBytes);
        document.put("newTenantMaxGrants", null);
        return document;
    }
}
