package io.memfabric.broker.testbed;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// Requests that bring about answers which need more than the contract to be made up: a name that is
/// taken, a key that was used, a thing that is in use.
final class ContractCases {

    private static final String NOBODY = "00000000-0000-7000-8000-000000000000";
    private static final long MIB = 1L << 20;

    private final List<Case> cases = new ArrayList<>();
    private final Map<String, String> ids;

    private ContractCases(Map<String, String> ids) {
        this.ids = ids;
    }

    /// @param current whether `If-Match` names the tag that the thing has
    record Case(
            OpenApi.Route route, String path, @Nullable Object body, boolean current, String key) {}

    /// In their order: some need those before them.
    static List<Case> of(Map<String, String> ids) {
        ContractCases all = new ContractCases(ids);
        all.tenants();
        all.grants();
        all.hosts();
        all.fabric();
        return all.cases;
    }

    private void tenants() {
        String name = "c-" + UUID.randomUUID();
        String key = UUID.randomUUID().toString();
        post("/api/v1/tenants", spec(Map.of("name", name)), key);
        post("/api/v1/tenants", spec(Map.of("name", name + "x")), key);
        post("/api/v1/tenants", spec(Map.of("name", name)));
        post("/api/v1/tenants", spec(Map.of("name", "NO")));
        patch("/api/v1/tenants/{id}", "tenants", Map.of("name", "default"));
        patch("/api/v1/tenants/{id}", "tenants", Map.of("maxBytes", -2));
        add("DELETE", "/api/v1/tenants/{id}", Tokens.DEFAULT_TENANT, null);
        add("PUT", "/api/v1/vms/{id}/tenant", id("vms"), Map.of("tenantId", id("tenants")));
        Map<String, Object> token = Map.of("name", name, "roles", List.of("tenant-viewer"));
        String tokens = "/api/v1/tokens";
        post(tokens, spec(token));
        post(tokens, spec(token));
        post(tokens, spec(Map.of("name", name, "roles", List.of("king"))));
        post(tokens, spec(Map.of("name", "t", "roles", List.of("admin"), "tenantId", NOBODY)));
        get("/api/v1/tenants/{id}/usage", id("tenants"), "?from=2000-01-01T00:00:00Z");
    }

    private void grants() {
        String grants = "/api/v1/grants";
        Map<String, Object> spec = Fleet.spec(UUID.fromString(id("vms")), 64 * MIB);
        String key = UUID.randomUUID().toString();
        post(grants, spec(spec), key);
        post(grants, spec(Fleet.spec(UUID.fromString(id("vms")), 128 * MIB)), key);
        post(grants, spec(Fleet.spec(UUID.fromString(id("vms")), 0)));
        post(grants, spec(Fleet.spec(UUID.fromString(id("vms")), 1L << 40)));
        post(grants, spec(Fleet.spec(UUID.fromString(NOBODY), 64 * MIB)));
        add("POST", grants, "", spec(spec), "?validateOnly=true");
        String simulate = "/api/v1/placements:simulate";
        post(simulate, spec(Map.of("grants", List.of(spec))));
        post(simulate, spec(Map.of("lostHosts", List.of(NOBODY))));
        post(simulate, spec(Map.of("grants", List.of(Fleet.spec(UUID.randomUUID(), 0)))));
        post(simulate, Map.of());
    }

    private void hosts() {
        String recalls = "/api/v1/hosts/{id}/recalls";
        add("POST", recalls, id("hosts"), spec(Map.of("bytes", 64 * MIB)));
        add("POST", recalls, id("hosts"), spec(Map.of("bytes", 64 * MIB)));
        add("POST", recalls, id("hosts"), spec(Map.of("bytes", 0)));
        patch("/api/v1/hosts/{id}", "hosts", Map.of("failureDomain", Map.of("rack", "a b")));
        patch("/api/v1/hosts/{id}", "hosts", Map.of("lendLimitBytes", -1));
        Map<String, Object> floor = Map.of("floorBytes", 3 * MIB, "ceilingBytes", 2 * MIB);
        patch("/api/v1/vms/{id}", "vms", Map.of("memory", floor));
        post("/api/v1/join-tokens", Map.of("hostName", ""));
    }

    private void fabric() {
        Map<String, Object> bad = Map.of("lendAcrossTenants", true, "tenantRequestsPerSecond", 0);
        String policies = "/api/v1/policies";
        cases.add(of("POST", policies, policies, Map.of("document", bad), true));
        String back = "/api/v1/policies:rollback";
        cases.add(of("POST", back, back, Map.of("toVersion", 999_999), true));
        cases.add(of("POST", back, back, Map.of("toVersion", 1), true));
        post("/api/v1/webhooks", spec(Map.of("url", "ftp://x")));
        patch("/api/v1/webhooks/{id}", "webhooks", Map.of("state", "STOPPED"));
        post("/api/v1/session", Map.of("name", "nobody", "password", "wrong"));
    }

    private String id(String collection) {
        return ids.getOrDefault(collection, NOBODY);
    }

    private static Map<String, Object> spec(Object spec) {
        return Map.of("spec", spec);
    }

    private void post(String path, Object body) {
        post(path, body, UUID.randomUUID().toString());
    }

    private void post(String path, Object body, String key) {
        cases.add(new Case(new OpenApi.Route("POST", path), path, body, false, key));
    }

    private void patch(String template, String collection, Object spec) {
        String path = template.replace("{id}", id(collection));
        cases.add(of("PATCH", template, path, spec(spec), true));
    }

    private void get(String template, String id, String query) {
        add("GET", template, id, null, query);
    }

    private void add(String method, String template, String id, @Nullable Object body) {
        add(method, template, id, body, "");
    }

    private void add(
            String method, String template, String id, @Nullable Object body, String query) {
        cases.add(of(method, template, template.replace("{id}", id) + query, body, false));
    }

    private static Case of(
            String method, String template, String path, @Nullable Object body, boolean current) {
        return new Case(
                new OpenApi.Route(method, template),
                path,
                body,
                current,
                UUID.randomUUID().toString());
    }
}
