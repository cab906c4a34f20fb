package io.memfabric.broker.testbed;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import tools.jackson.databind.JsonNode;

/// The authorization matrix, generated from `openapi/broker.yaml`: each operation is called by each
/// role on something of its own tenant, of another, and on nothing. Bodies are not JSON, so that
/// nothing changes and that a refusal which comes after parsing shows.
public final class AuthorizationMatrix {

    private static final List<String> ROLES =
            List.of("tenant-viewer", "tenant-operator", "fabric-operator", "auditor", "admin");
    private static final Set<String> TENANT_ROLES = Set.of("tenant-viewer", "tenant-operator");
    private static final String NOT_JSON = "{";
    private static final long MIB = 1L << 20;

    private final OpenApi api;
    private final List<String> failures = new ArrayList<>();
    private int cells;

    private AuthorizationMatrix(OpenApi api) {
        this.api = api;
    }

    /// What the walk found.
    ///
    /// @param failures one line for each cell whose answer is not the contract's
    public record Result(int cells, List<String> failures) {}

    /// What a tenant has, by the collection in the path.
    private record Belongings(String tenantId, Map<String, String> ids) {}

    public static Result walk() throws IOException {
        AuthorizationMatrix matrix = new AuthorizationMatrix(OpenApi.read());
        try (Fleet fleet = new Fleet()) {
            FakeAgent lender = fleet.lender(8);
            Belongings own = belongings(fleet);
            Belongings foreign = belongings(fleet);
            matrix.walk(own, foreign, lender.hostId().toString());
        }
        return new Result(matrix.cells, matrix.failures);
    }

    private static Belongings belongings(Fleet fleet) {
        Tokens tokens = new Tokens();
        String tenant = tokens.tenant(null, null);
        FakeAgent borrower = fleet.borrower();
        tokens.assign(borrower.vmId(), tenant);
        Http.Answer created = fleet.create(Fleet.spec(borrower.vmId(), 64 * MIB));
        return new Belongings(
                tenant,
                Map.of(
                        "vms", borrower.vmId().toString(),
                        "grants", Fleet.grantOf(created),
                        "operations", Fleet.operationOf(created),
                        "tenants", tenant,
                        "tokens",
                                tokens.token(tenant, "tenant-viewer").body().at("/id").asString()));
    }

    private void walk(Belongings own, Belongings foreign, String hostId) {
        Tokens tokens = new Tokens();
        for (String role : ROLES) {
            Http caller = tokens.caller(own.tenantId(), role);
            for (OpenApi.Route route : api.routes()) {
                if (route.path().startsWith("/agent/")) {
                    expect(caller, role, "agent", route, route.example(), 403);
                } else if (route.path().startsWith("/api/") && !api.isOpen(route)) {
                    walk(caller, role, route, own, foreign, hostId);
                }
            }
        }
        Http nobody = TestBroker.shared().caller("");
        for (OpenApi.Route route : api.routes()) {
            if (!api.isOpen(route)) {
                expect(nobody, "nobody", "none", route, route.example(), 401);
            }
        }
    }

    private void walk(
            Http caller,
            String role,
            OpenApi.Route route,
            Belongings own,
            Belongings foreign,
            String hostId) {
        boolean allowed = roles(route).contains(role);
        String collection = route.path().split("/", -1)[3];
        if (!route.path().contains("{")) {
            expect(caller, role, "own", route, route.path(), allowed ? 0 : 403);
            return;
        }
        String none = route.example();
        String mine = own.ids().get(collection);
        if (mine == null) {
            String host = collection.equals("hosts") ? hostId : UUID.randomUUID().toString();
            expect(caller, role, "own", route, fill(route, host), allowed ? 0 : 403);
            expect(caller, role, "none", route, none, allowed ? 0 : 403);
            return;
        }
        String theirs = foreign.ids().getOrDefault(collection, "");
        boolean tenantOnly = TENANT_ROLES.contains(role);
        boolean deletes = route.method().equals("DELETE");
        if (!(deletes && allowed)) {
            expect(caller, role, "own", route, fill(route, mine), allowed ? 0 : 403);
        }
        if (!(deletes && allowed && !tenantOnly)) {
            expect(
                    caller,
                    role,
                    "foreign",
                    route,
                    fill(route, theirs),
                    !allowed ? 403 : tenantOnly ? 404 : 0);
        }
        expect(caller, role, "none", route, none, !allowed ? 403 : tenantOnly ? 404 : 0);
        if (allowed && tenantOnly) {
            alike(caller, role, route, theirs, none);
        }
    }

    /// What is another's is answered in the same words as what is not there.
    private void alike(Http caller, String role, OpenApi.Route route, String theirs, String none) {
        cells++;
        String foreign = send(caller, route, fill(route, theirs)).body().toString();
        String missing = send(caller, route, none).body().toString();
        String id = "00000000-0000-7000-8000-000000000000";
        if (!foreign.replace(theirs, id).equals(missing)) {
            failures.add(role + " " + route + ": " + foreign + " is not " + missing);
        }
    }

    private Set<String> roles(OpenApi.Route route) {
        Set<String> roles = new TreeSet<>();
        JsonNode named = api.operation(route).path("x-roles");
        if (named.isEmpty()) {
            failures.add(route + " names no roles");
        }
        named.forEach(role -> roles.add(role.asString()));
        return roles;
    }

    private static String fill(OpenApi.Route route, String id) {
        return route.path().replaceAll("\\{[^}]+}", id);
    }

    private static Http.Answer send(Http caller, OpenApi.Route route, String path) {
        boolean hasBody = !Set.of("GET", "DELETE").contains(route.method());
        return caller.send(
                route.method(),
                path,
                hasBody ? NOT_JSON : null,
                "If-Match",
                "\"999999\"",
                "Idempotency-Key",
                UUID.randomUUID().toString());
    }

    /// @param status what is to be answered; 0 where anything is but a refusal
    private void expect(
            Http caller, String role, String whose, OpenApi.Route route, String path, int status) {
        cells++;
        Http.Answer answer = send(caller, route, path);
        boolean fits =
                status == 0
                        ? answer.status() != 401 && answer.status() != 403 && answer.status() < 500
                        : answer.status() == status;
        if (!fits || (whose.equals("own") && status == 0 && isMissing(answer, route))) {
            failures.add(role + " " + whose + " " + route + ": " + answer);
        }
    }

    /// Something of one's own is found: only a version or the like may be missing.
    private static boolean isMissing(Http.Answer answer, OpenApi.Route route) {
        String collection = route.path().split("/", -1)[3];
        String thing =
                collection.endsWith("s") ? collection.substring(0, collection.length() - 1) : "";
        return Set.of("vm", "grant", "operation", "tenant", "token").contains(thing)
                && answer.code().equals(thing + "_not_found");
    }
}
