package io.memfabric.broker.access;

import io.memfabric.broker.web.Problem;
import io.memfabric.broker.web.ProblemCode;
import java.util.Collections;
import java.util.Locale;
import java.util.UUID;
import org.springframework.stereotype.Component;

/// Whether a caller may call an operation on what its path names: by its roles, by the scopes of its
/// token, and by its tenant.
@Component
class Permission {

    private final ApiRoutes routes;
    private final Ownership ownership;

    Permission(ApiRoutes routes, Ownership ownership) {
        this.routes = routes;
        this.ownership = ownership;
    }

    /// Answers where it may, and throws what the caller is told where it may not.
    void check(Caller.Api caller, String method, String path) {
        ApiRoutes.Route route = routes.find(method, path).orElse(null);
        if (route == null) {
            if (!caller.isAdmin()) {
                throw new Problem(ProblemCode.NOT_FOUND, "There is nothing here.");
            }
            return;
        }
        if (Collections.disjoint(route.roles(), caller.roles())) {
            throw new Problem(ProblemCode.FORBIDDEN, "None of the caller's roles may do this.");
        }
        if (!caller.scopes().isEmpty() && !caller.scopes().contains(route.scope())) {
            throw new Problem(
                    ProblemCode.FORBIDDEN, "The token has not the scope " + route.scope() + ".");
        }
        caller.onlyTenant().ifPresent(tenant -> checkOwner(route, path, tenant));
    }

    private void checkOwner(ApiRoutes.Route route, String path, UUID tenantId) {
        String missing = ownership.missing(route, path, tenantId);
        if (missing != null) {
            String[] segments = path.split("/", -1);
            String id = segments[4].split(":", 2)[0];
            throw Problem.notFound(missing, id.toLowerCase(Locale.ROOT));
        }
    }
}
