package io.memfabric.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.memfabric.broker.testbed.FakeAgent;
import io.memfabric.broker.testbed.Fleet;
import io.memfabric.broker.testbed.Http;
import io.memfabric.broker.testbed.OpenApi;
import io.memfabric.broker.testbed.TestBroker;
import io.memfabric.broker.testbed.Tokens;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/// What every list of the contract has in common: the order in which it goes, and how much of each
/// item it tells.
class ListShapeIT {

    private static final long MIB = 1L << 20;

    private final Http admin = TestBroker.shared().admin();
    private final Fleet fleet = new Fleet();
    private final List<String> made = new ArrayList<>();

    /// Three things of each kind.
    @BeforeEach
    void fill() {
        Tokens tokens = new Tokens();
        FakeAgent borrower = fleet.borrower();
        for (int i = 0; i < 3; i++) {
            FakeAgent lender = fleet.lender(2);
            fleet.active(borrower, 64 * MIB, 1);
            fleet.borrower();
            String name = "s" + UUID.randomUUID().toString().substring(0, 8);
            String tenant = tokens.tenant(null, null);
            made.add("/api/v1/tokens/" + id(tokens.token(tenant, "tenant-viewer")));
            make("/api/v1/users", Map.of("name", name, "roles", List.of("auditor")));
            make("/api/v1/webhooks", Map.of("url", "http://127.0.0.1:9/", "types", List.of("no")));
            admin.post(
                    "/api/v1/hosts/" + lender.hostId() + "/recalls",
                    Map.of("spec", Map.of("bytes", 64 * MIB)),
                    "Idempotency-Key",
                    name);
            Http.Answer policy = admin.get("/api/v1/policies/current");
            admin.post(
                    "/api/v1/policies",
                    Map.of("document", policy.body().get("document")),
                    "If-Match",
                    policy.etag().orElseThrow(),
                    "Idempotency-Key",
                    name);
        }
    }

    @AfterEach
    void retire() {
        made.forEach(admin::delete);
        fleet.close();
    }

    private void make(String list, Object spec) {
        made.add(list + "/" + id(Tokens.post(admin, list, Map.of("spec", spec))));
    }

    private static String id(Http.Answer answer) {
        return answer.body().get("id").asString();
    }

    @Test
    void goesThroughEveryListFromEitherEnd() throws IOException {
        Set<String> tried = new TreeSet<>();
        for (String list : lists("order")) {
            assertThat(admin.get(list + "?order=up").code()).as(list).isEqualTo("invalid_order");
            JsonNode up = page(list + "?order=asc&pageSize=2");
            if (up.path("nextPageToken").isString()) {
                String second = "&pageToken=" + up.get("nextPageToken").asString();
                List<String> first = keys(up);
                assertThat(first).hasSize(2);
                assertThat(keys(page(list + "?pageSize=1&order=desc" + second)))
                        .as(list)
                        .containsExactly(first.getFirst());
                assertThat(keys(page(list + "?pageSize=1&order=asc" + second)))
                        .as(list)
                        .doesNotContainAnyElementsOf(first);
                assertThat(keys(page(list + "?pageSize=1&order=desc")))
                        .as(list)
                        .doesNotContainAnyElementsOf(first);
                tried.add(list.replace("/api/v1/", ""));
            }
        }
        assertThat(tried)
                .contains(
                        "audit",
                        "capacity",
                        "grants",
                        "hosts",
                        "operations",
                        "policies",
                        "recalls",
                        "regions",
                        "tenants",
                        "tokens",
                        "users",
                        "vms",
                        "webhooks");
    }

    @Test
    void tellsOnlyTheFieldsThatAreNamed() throws IOException {
        for (String list : lists("fields")) {
            for (String wrong : List.of("none", "", "id,", "id.none", "spec..name")) {
                Http.Answer refused = admin.get(list + "?fields=" + wrong);
                assertThat(refused.code()).as(list + " " + wrong).isEqualTo("invalid_fields");
            }
            JsonNode whole = page(list + "?pageSize=2");
            for (JsonNode item : whole.get("items")) {
                String key = key(item);
                JsonNode sparse = page(list + "?pageSize=2&fields=" + key);
                assertThat(sparse.get("items").get(0).propertyNames())
                        .as(list)
                        .containsExactly(key);
                assertThat(keys(sparse)).as(list).isEqualTo(keys(whole));
                assertThat(sparse.get("nextPageToken")).isEqualTo(whole.get("nextPageToken"));
            }
        }
        String grants = "/api/v1/grants?pageSize=1&fields=id,status.state,spec,spec.copies";
        JsonNode grant = page(grants).get("items").get(0);
        assertThat(grant.propertyNames()).containsExactly("id", "spec", "status");
        assertThat(grant.get("status").propertyNames()).containsExactly("state");
        assertThat(grant.get("spec").propertyNames()).contains("vmId", "sizeBytes", "copies");
        JsonNode total = admin.get("/api/v1/capacity?fields=name").body().get("total");
        assertThat(total.propertyNames()).contains("lentBytes", "freeBytes");
    }

    private List<String> lists(String parameter) throws IOException {
        OpenApi api = OpenApi.read();
        List<String> lists = new ArrayList<>();
        for (OpenApi.Route route : api.routes()) {
            Set<String> names = new TreeSet<>();
            api.operation(route)
                    .path("parameters")
                    .forEach(each -> names.add(api.resolve(each).get("name").asString()));
            if (names.contains(parameter) && names.contains("pageSize")) {
                lists.add(route.path());
            }
        }
        assertThat(lists).hasSizeGreaterThan(13);
        return lists;
    }

    private JsonNode page(String path) {
        Http.Answer answer = admin.get(path);
        assertThat(answer.status()).as(answer.toString()).isEqualTo(200);
        return answer.body().has("hosts") ? answer.body().get("hosts") : answer.body();
    }

    private static String key(JsonNode item) {
        return List.of("id", "version", "hostId", "grantId").stream()
                .filter(item::has)
                .findFirst()
                .orElseThrow();
    }

    private static List<String> keys(JsonNode page) {
        List<String> keys = new ArrayList<>();
        page.get("items").forEach(item -> keys.add(item.get(key(item)).asString()));
        return keys;
    }
}
