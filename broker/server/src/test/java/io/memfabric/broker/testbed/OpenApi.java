package io.memfabric.broker.testbed;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import tools.jackson.databind.JsonNode;

/// The broker's contract as it is written down.
public record OpenApi(JsonNode document) {

    private static final Path FILE = Path.of("../../api-spec/openapi/broker.yaml");
    private static final Set<String> METHODS = Set.of("get", "post", "put", "patch", "delete");

    /// A route of the contract.
    public record Route(String method, String path) {

        /// The path with something in the place of its parameters.
        public String example() {
            return path.replaceAll("\\{[^}]+}", "00000000-0000-7000-8000-000000000000");
        }

        @Override
        public String toString() {
            return method + " " + path;
        }
    }

    public static OpenApi read() throws IOException {
        try (Reader reader = Files.newBufferedReader(FILE)) {
            Object tree = new Yaml(new SafeConstructor(new LoaderOptions())).load(reader);
            return new OpenApi(Http.JSON.valueToTree(tree));
        }
    }

    public List<Route> routes() {
        List<Route> routes = new ArrayList<>();
        for (Map.Entry<String, JsonNode> path : document.get("paths").properties()) {
            for (String method : path.getValue().propertyNames()) {
                if (METHODS.contains(method)) {
                    routes.add(new Route(method.toUpperCase(Locale.ROOT), path.getKey()));
                }
            }
        }
        return routes;
    }

    /// An operation as it is written down.
    public JsonNode operation(Route route) {
        return document.get("paths").get(route.path()).get(route.method().toLowerCase(Locale.ROOT));
    }

    /// Whether a route needs no token.
    public boolean isOpen(Route route) {
        JsonNode security = operation(route).path("security");
        return security.isArray() && security.isEmpty();
    }

    /// The schema of a successful answer of a route.
    public JsonNode answer(String method, String path, int status) {
        JsonNode response =
                resolve(
                        document.get("paths")
                                .get(path)
                                .get(method.toLowerCase(Locale.ROOT))
                                .get("responses")
                                .get(Integer.toString(status)));
        return response.get("content").get("application/json").get("schema");
    }

    public JsonNode schema(String name) {
        return document.get("components").get("schemas").get(name);
    }

    public JsonNode resolve(JsonNode node) {
        JsonNode reference = node.get("$ref");
        return reference == null ? node : resolve(document.at(reference.asString().substring(1)));
    }
}
