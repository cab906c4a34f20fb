package io.memfabric.broker.testbed;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// Calls every operation in every way that the contract has an answer for and holds each answer
/// against it: a status that is not written down, another content type, or a body that is not of its
/// schema is a failure. Most ways are made up from the contract alone; those that need more are
/// [ContractCases], [ContractScenes] and [AgentScenes].
public final class ContractWalk {

    private static final String NOBODY = "00000000-0000-7000-8000-000000000000";
    private static final long MIB = 1L << 20;

    private final OpenApi api;
    private final Http admin = TestBroker.shared().admin();
    private Http agent = admin;
    private final Map<String, String> ids = new LinkedHashMap<>();
    private final Set<String> answered = new TreeSet<>();
    private final List<String> failures = new ArrayList<>();

    private ContractWalk(OpenApi api) {
        this.api = api;
    }

    /// What the walk found.
    ///
    /// @param answered operation and status of every answer that was held against the contract
    /// @param unreached those that the contract names and the walk did not bring about
    public record Result(
            int operations, Set<String> answered, Set<String> unreached, List<String> failures) {}

    public static Result walk() throws IOException {
        ContractWalk walk = new ContractWalk(OpenApi.read());
        JsonNode fabric = walk.admin.get("/api/v1/fabric").body().path("spec");
        JsonNode policy = walk.admin.get("/api/v1/policies/current").body().path("document");
        ContractScenes.play(walk::check);
        AgentScenes.play(walk::check);
        walk.texts();
        try (Fleet fleet = new Fleet()) {
            walk.prepare(fleet);
            for (ContractCases.Case each : ContractCases.of(walk.ids)) {
                walk.bring(each);
            }
            for (OpenApi.Route route : walk.routes()) {
                if (!route.path().startsWith("/docs")) {
                    walk.walk(route);
                }
            }
        } finally {
            walk.restore(fabric, policy);
        }
        return new Result(walk.routes().size(), walk.answered, walk.unreached(), walk.failures);
    }

    /// Other tests share the broker: what holds for the whole fabric becomes as it was.
    private void restore(JsonNode fabric, JsonNode policy) {
        admin.patch(
                "/api/v1/fabric",
                Map.of("spec", fabric),
                "If-Match",
                admin.get("/api/v1/fabric").etag().orElseThrow());
        admin.post(
                "/api/v1/policies",
                Map.of("document", policy),
                "If-Match",
                admin.get("/api/v1/policies/current").etag().orElseThrow(),
                "Idempotency-Key",
                UUID.randomUUID().toString());
        assertThat(admin.get("/api/v1/fabric").body().path("spec")).isEqualTo(fabric);
        assertThat(admin.get("/api/v1/policies/current").body().path("document")).isEqualTo(policy);
    }

    private List<OpenApi.Route> routes() {
        return api.routes().stream()
                .sorted(
                        (a, b) ->
                                Boolean.compare(
                                        a.method().equals("DELETE"), b.method().equals("DELETE")))
                .toList();
    }

    private void prepare(Fleet fleet) {
        Tokens tokens = new Tokens();
        FakeAgent lender = fleet.lender(4);
        FakeAgent borrower = fleet.borrower();
        agent = fleet.host().http();
        Http.Answer created = fleet.create(Fleet.spec(borrower.vmId(), 64 * MIB));
        ids.put("vms", borrower.vmId().toString());
        ids.put("hosts", lender.hostId().toString());
        ids.put("grants", Fleet.grantOf(created));
        ids.put("operations", Fleet.operationOf(created));
        ids.put("tenants", tokens.tenant(null, null));
        ids.put(
                "tokens",
                tokens.token(Tokens.DEFAULT_TENANT, "tenant-viewer").body().at("/id").asString());
        ids.put("policies", "1");
        Map<String, Object> person = Map.of("name", "walker", "roles", List.of("auditor"));
        ids.put("users", id(Tokens.post(admin, "/api/v1/users", Map.of("spec", person))));
        Map<String, Object> hook = Map.of("url", "http://127.0.0.1:9/", "types", List.of("never"));
        ids.put("webhooks", id(Tokens.post(admin, "/api/v1/webhooks", Map.of("spec", hook))));
    }

    private static String id(Http.Answer made) {
        return made.body().at("/id").asString();
    }

    /// What is answered as text: only its status and its type can be looked at.
    private void texts() {
        text("/docs", "/docs", "text/html");
        for (String file : List.of("broker.yaml", "start.js", "swagger-ui.css", "none")) {
            text("/docs/{file}", "/docs/" + file, "*/*");
        }
        String usage = "/api/v1/tenants/{id}/usage";
        text(usage, usage.replace("{id}", Tokens.DEFAULT_TENANT), "text/csv");
    }

    private void text(String template, String path, String accept) {
        OpenApi.Route route = new OpenApi.Route("GET", template);
        Http.Text answer = admin.text(path, accept);
        JsonNode written = written(route, answer.status());
        if (written != null && !written.path("content").has(answer.type().split(";", 2)[0])) {
            failures.add(route + " " + answer.status() + " answers " + answer.type());
        }
    }

    /// Who may call a route at all: an agent its own, a person or a control plane the others.
    private Http caller(OpenApi.Route route) {
        return route.path().startsWith("/agent/") ? agent : admin;
    }

    private void walk(OpenApi.Route route) {
        String collection = route.path().replaceAll("^/[a-z]+/v1/", "").split("[/:]", 2)[0];
        JsonNode operation = api.operation(route);
        String path = fill(route, ids.getOrDefault(collection, NOBODY));
        boolean hasBody = operation.has("requestBody");
        boolean conditional = names(operation).contains("If-Match");
        check(route, TestBroker.shared().caller("").send(route.method(), path, null));
        if (route.path().contains("{")) {
            call(route, fill(route, "not-an-identity"), hasBody ? "{}" : null);
            call(
                    route,
                    fill(route, collection.equals("policies") ? "999999" : NOBODY),
                    body(operation));
        }
        if (route.method().equals("GET")) {
            call(route, path, null);
            call(route, path + "?pageSize=0&wait=-1", null);
            call(route, path + "?pageToken=x&order=x&from=2000-01-01T00:00:00Z", null);
        }
        if (hasBody) {
            call(route, path, "{");
            call(route, path, "{\"unheardOf\":1}");
            call(route, path, deep());
            check(
                    route,
                    caller(route)
                            .send(
                                    route.method(),
                                    path,
                                    "a=b",
                                    "Content-Type",
                                    "text/plain",
                                    "If-Match",
                                    "\"1\"",
                                    "Idempotency-Key",
                                    "k"));
            check(route, caller(route).send(route.method(), path, body(operation)));
            if (conditional) {
                call(route, path, body(operation));
                current(route, path, body(operation));
            } else {
                call(route, path, body(operation));
            }
        } else if (!route.method().equals("GET")) {
            call(route, path, null);
            check(route, caller(route).send(route.method(), path, null));
            check(route, caller(route).send(route.method(), path, null));
        }
    }

    private void bring(ContractCases.Case each) {
        List<String> headers = new ArrayList<>(List.of("Idempotency-Key", each.key()));
        if (each.current()) {
            headers.add("If-Match");
            headers.add(tag(each.path()));
        }
        check(
                each.route(),
                admin.send(
                        each.route().method(),
                        each.path(),
                        each.body() == null ? null : Http.JSON.writeValueAsString(each.body()),
                        headers.toArray(String[]::new)));
    }

    private String tag(String path) {
        String thing = path.contains(":") ? path.substring(0, path.indexOf(':')) : path;
        return admin.get(thing.endsWith("/policies") ? thing + "/current" : thing)
                .etag()
                .orElse("\"0\"");
    }

    /// Sends with a key of its own and a revision that nothing has.
    private void call(OpenApi.Route route, String path, @Nullable String body) {
        check(
                route,
                caller(route)
                        .send(
                                route.method(),
                                path,
                                body,
                                "If-Match",
                                "\"987654321\"",
                                "Idempotency-Key",
                                UUID.randomUUID().toString()));
    }

    /// Sends with the revision that the thing has.
    private void current(OpenApi.Route route, String path, String body) {
        String etag = tag(path);
        check(
                route,
                caller(route)
                        .send(
                                route.method(),
                                path,
                                body,
                                "If-Match",
                                etag,
                                "Idempotency-Key",
                                UUID.randomUUID().toString()));
    }

    private void check(OpenApi.Route route, Http.Answer answer) {
        JsonNode written = written(route, answer.status());
        if (written == null) {
            return;
        }
        if (answer.status() >= 500) {
            failures.add(route + " failed: " + answer.body());
        }
        JsonNode content = written.path("content");
        String type = answer.type().orElse("").split(";", 2)[0];
        if (content.isEmpty()) {
            if (!answer.body().isEmpty()) {
                failures.add(route + " " + answer.status() + " has a body");
            }
            return;
        }
        if (!content.has(type)) {
            failures.add(route + " " + answer.status() + " answers " + type);
            return;
        }
        SchemaCheck.errors(api, content.get(type).get("schema"), answer.body())
                .forEach(error -> failures.add(route + " " + answer.status() + ": " + error));
    }

    /// What the contract says of an answer; where it says nothing, that is a failure.
    private @Nullable JsonNode written(OpenApi.Route route, int status) {
        answered.add(route + " " + status);
        JsonNode responses = api.operation(route).get("responses");
        JsonNode written = responses.get(Integer.toString(status));
        if (written == null && status >= 400) {
            written = responses.get("default");
        }
        if (written == null) {
            failures.add(route + " answers " + status + ", which is not written down");
            return null;
        }
        return api.resolve(written);
    }

    private Set<String> unreached() {
        Set<String> unreached = new TreeSet<>();
        for (OpenApi.Route route : routes()) {
            for (String status : api.operation(route).get("responses").propertyNames()) {
                if (!status.equals("default") && !answered.contains(route + " " + status)) {
                    unreached.add(route + " " + status);
                }
            }
        }
        return unreached;
    }

    private Set<String> names(JsonNode operation) {
        Set<String> names = new TreeSet<>();
        operation
                .path("parameters")
                .forEach(parameter -> names.add(api.resolve(parameter).get("name").asString()));
        return names;
    }

    private String body(JsonNode operation) {
        JsonNode schema = operation.at("/requestBody/content/application~1json/schema");
        return schema.isMissingNode()
                ? ""
                : Http.JSON.writeValueAsString(new SchemaExample(api, ids).of(schema));
    }

    private static String deep() {
        return "{\"spec\":" + "[".repeat(10_000) + "]".repeat(10_000) + "}";
    }

    private static String fill(OpenApi.Route route, String id) {
        return route.path().replaceAll("\\{[^}]+}", id);
    }
}
