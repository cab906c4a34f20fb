package io.memfabric.broker.fuzz;

import io.memfabric.broker.testbed.Http;
import io.memfabric.broker.testbed.OpenApi;
import io.memfabric.broker.testbed.SchemaExample;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// Makes requests of the contract: for each operation one as it is written down, with some of its
/// path, query, headers and body changed.
final class RequestForge {

    private static final List<String> METHODS =
            List.of("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "BREW");
    private static final List<String> NASTY_SEGMENTS =
            List.of(
                    "x",
                    "%00",
                    "..",
                    "%2e%2e",
                    ";a=b",
                    "%2F",
                    "\u00e9",
                    "-1",
                    "9223372036854775808",
                    "{id}",
                    "a%20b",
                    "x".repeat(5000),
                    ":sign",
                    "00000000-0000-7000-8000-000000000000");
    private static final List<String> NASTY_VALUES =
            List.of(
                    "",
                    "0",
                    "-1",
                    "1",
                    "31",
                    "201",
                    "9223372036854775808",
                    "true",
                    "x",
                    "%00",
                    "%ff",
                    "%",
                    "desc",
                    "2026-01-01T00:00:00Z",
                    "+1000000000-12-31T23:59:59Z",
                    "azE6eA",
                    "azE6",
                    "x".repeat(3000),
                    "'or+1=1",
                    "a&a=b");
    private static final List<String> NASTY_HEADERS =
            List.of("", " ", "*", "\"0\"", "W/\"1\"", "\"x\"", "1", "\u00ff\u00fe", "k", "é");
    private static final List<String> TYPES =
            List.of(
                    "text/plain",
                    "",
                    "application/xml",
                    "application/json;charset=utf-16",
                    "x",
                    "*/*");

    private final OpenApi api;
    private final RandomGenerator random;
    private final Map<String, String> ids;
    private final Function<String, List<String>> tokens;
    private final Function<String, @Nullable String> etag;
    private final JsonMutator mutator;
    private final SchemaExample examples;
    private final List<OpenApi.Route> routes;

    /// @param ids something that is there, by the collection in the path
    /// @param tokens the tokens that fit a path, the best first
    /// @param etag the tag that a path has now
    RequestForge(
            OpenApi api,
            RandomGenerator random,
            Map<String, String> ids,
            Function<String, List<String>> tokens,
            Function<String, @Nullable String> etag) {
        this.api = api;
        this.random = random;
        this.ids = ids;
        this.tokens = tokens;
        this.etag = etag;
        this.mutator = new JsonMutator(random, List.copyOf(ids.values()));
        this.examples = new SchemaExample(api, ids);
        this.routes = api.routes();
    }

    ForgedRequest next() {
        OpenApi.Route route = routes.get(random.nextInt(routes.size()));
        JsonNode operation = api.operation(route);
        String method = oneIn(40) ? pick(METHODS) : route.method();
        boolean odd = oneIn(5);
        String path = path(route, odd);
        List<String> head = new ArrayList<>();
        head.add(method + " " + path + query(route, operation) + " HTTP/1.1");
        head.add("Host: broker");
        authorization(path, head);
        headers(route, operation, path, odd, head);
        byte[] body = body(operation);
        if (body.length > 0) {
            head.add("Content-Type: " + (oneIn(20) ? pick(TYPES) : "application/json"));
        }
        boolean plain = method.equals(route.method()) && !odd;
        return new ForgedRequest(route, plain, method, head, body);
    }

    private String path(OpenApi.Route route, boolean odd) {
        String[] segments = route.path().split("/", -1);
        String collection = segments.length > 3 ? segments[3] : "";
        for (int i = 0; i < segments.length; i++) {
            if (segments[i].startsWith("{")) {
                segments[i] =
                        odd && oneIn(2)
                                ? pick(NASTY_SEGMENTS)
                                : ids.getOrDefault(collection, UUID.randomUUID().toString());
            } else if (odd && oneIn(12)) {
                segments[i] = pick(NASTY_SEGMENTS);
            }
        }
        return segments.length < 2 || segments[0].isEmpty()
                ? String.join("/", segments)
                : "/" + String.join("/", segments);
    }

    private String query(OpenApi.Route route, JsonNode operation) {
        List<String> words = new ArrayList<>();
        for (JsonNode reference : parameters(route, operation)) {
            JsonNode parameter = api.resolve(reference);
            if (parameter.path("in").asString().equals("query") && oneIn(3)) {
                words.add(parameter.get("name").asString() + "=" + value(parameter));
            }
        }
        if (oneIn(20)) {
            words.add(pick(List.of("x=1", "pageSize", "=", "pageSize=1&pageSize=x", "%zz=1")));
        }
        return words.isEmpty() ? "" : "?" + String.join("&", words);
    }

    private String value(JsonNode parameter) {
        if (parameter.get("name").asString().equals("wait")) {
            return pick(List.of("0", "-1", "31", "x", ""));
        }
        if (oneIn(2)) {
            return pick(NASTY_VALUES);
        }
        Object example = examples.of(parameter.get("schema"));
        return example instanceof List<?> list
                ? list.stream().map(String::valueOf).collect(Collectors.joining(","))
                : String.valueOf(example).replace(" ", "+");
    }

    private void authorization(String path, List<String> head) {
        List<String> fitting = tokens.apply(path);
        if (oneIn(50)) {
            head.add(
                    "Authorization: " + pick(List.of("Bearer", "Basic eDp5", "Bearer \u00ff", "")));
        } else if (!fitting.isEmpty()) {
            head.add("Authorization: Bearer " + (oneIn(6) ? pick(fitting) : fitting.getFirst()));
        }
    }

    private void headers(
            OpenApi.Route route, JsonNode operation, String path, boolean odd, List<String> head) {
        for (JsonNode reference : parameters(route, operation)) {
            JsonNode parameter = api.resolve(reference);
            String name = parameter.get("name").asString();
            if (!parameter.path("in").asString().equals("header") || oneIn(10)) {
                continue;
            }
            String right =
                    switch (name) {
                        case "If-Match" -> odd ? "\"1\"" : etag.apply(path);
                        case "Idempotency-Key" -> UUID.randomUUID().toString();
                        default -> "1";
                    };
            head.add(name + ": " + (oneIn(5) || right == null ? pick(NASTY_HEADERS) : right));
        }
        if (oneIn(10)) {
            head.add(
                    "Accept: "
                            + pick(
                                    List.of(
                                            "*/*",
                                            "text/event-stream",
                                            "text/html",
                                            "x",
                                            "text/csv",
                                            "a/b;q=x")));
        }
        if (oneIn(100)) {
            head.add(
                    pick(
                            List.of(
                                    "X-Long: " + "y".repeat(20_000),
                                    "no colon",
                                    ": x",
                                    "A\u0001: b")));
        }
    }

    private static List<JsonNode> parameters(OpenApi api, OpenApi.Route route, JsonNode operation) {
        List<JsonNode> all = new ArrayList<>();
        operation.path("parameters").forEach(all::add);
        api.document().at("/paths").path(route.path()).path("parameters").forEach(all::add);
        return all;
    }

    private List<JsonNode> parameters(OpenApi.Route route, JsonNode operation) {
        return parameters(api, route, operation);
    }

    private byte[] body(JsonNode operation) {
        JsonNode schema = operation.at("/requestBody/content/application~1json/schema");
        if (schema.isMissingNode()) {
            return oneIn(20) ? new byte[] {'{', '}'} : new byte[0];
        }
        Object body = examples.of(schema);
        int changes = random.nextInt(4);
        for (int i = 0; i < changes; i++) {
            body = mutator.mutate(body);
        }
        String json = Http.JSON.writeValueAsString(body);
        return oneIn(5) ? mutator.garble(json) : json.getBytes(StandardCharsets.UTF_8);
    }

    private boolean oneIn(int count) {
        return random.nextInt(count) == 0;
    }

    private <T> T pick(List<T> list) {
        return list.get(random.nextInt(list.size()));
    }
}
