package io.memfabric.broker.access;

import io.memfabric.broker.web.ApiDocument;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;

/// The operations of `openapi/broker.yaml` and the roles that may call each (`x-roles`). An
/// operation that names no role is for admins.
@Component
class ApiRoutes {

    private static final Set<String> METHODS = Set.of("get", "post", "put", "patch", "delete");

    private final List<Route> routes;

    ApiRoutes(ApiDocument document) {
        this.routes = read(document.tree());
    }

    /// @param template such as `/api/v1/grants/{id}`
    /// @param group the tag of the operation, which scopes of tokens name
    record Route(String method, String template, String group, Set<Role> roles) {

        boolean matches(String path) {
            String[] wanted = template.split("/", -1);
            String[] given = path.split("/", -1);
            if (wanted.length != given.length) {
                return false;
            }
            for (int i = 0; i < wanted.length; i++) {
                if (!matches(wanted[i], given[i])) {
                    return false;
                }
            }
            return true;
        }

        private static boolean matches(String wanted, String given) {
            int open = wanted.indexOf('{');
            if (open < 0) {
                return wanted.equals(given);
            }
            String after = wanted.substring(wanted.indexOf('}') + 1);
            return given.length() > open + after.length()
                    && given.startsWith(wanted.substring(0, open))
                    && given.endsWith(after)
                    && (!after.isEmpty() || given.indexOf(':') < 0);
        }

        boolean isRead() {
            return method.equals("GET");
        }

        /// The scope that a token which has scopes must have.
        String scope() {
            return group + (isRead() ? ":read" : ":write");
        }
    }

    Optional<Route> find(String method, String path) {
        String asked = method.equals("HEAD") ? "GET" : method;
        return routes.stream()
                .filter(route -> route.method().equals(asked) && route.matches(path))
                .findFirst();
    }

    /// The groups that scopes of tokens may name.
    List<String> groups() {
        return routes.stream().map(Route::group).distinct().toList();
    }

    private static List<Route> read(JsonNode document) {
        List<Route> routes = new ArrayList<>();
        for (Map.Entry<String, JsonNode> path : document.get("paths").properties()) {
            for (Map.Entry<String, JsonNode> operation : path.getValue().properties()) {
                if (METHODS.contains(operation.getKey()) && path.getKey().startsWith("/api/")) {
                    routes.add(
                            new Route(
                                    operation.getKey().toUpperCase(Locale.ROOT),
                                    path.getKey(),
                                    operation.getValue().at("/tags/0").asString("fabric"),
                                    roles(path.getKey(), operation.getValue().path("x-roles"))));
                }
            }
        }
        // A path without parameters goes before one with.
        routes.sort((a, b) -> Boolean.compare(hasParameter(a), hasParameter(b)));
        return List.copyOf(routes);
    }

    private static boolean hasParameter(Route route) {
        return route.template().indexOf('{') >= 0;
    }

    private static Set<Role> roles(String path, JsonNode names) {
        Set<Role> roles = EnumSet.of(Role.ADMIN);
        for (JsonNode name : names) {
            roles.add(
                    Role.of(name.asString())
                            .orElseThrow(
                                    () ->
                                            new IllegalStateException(
                                                    path + " names an unknown role: " + name)));
        }
        return roles;
    }
}
