package io.memfabric.broker.access;

import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/// Whether what a path names is of the caller's tenant. What is another tenant's and what is not
/// there are one question to the ledger with one answer, so that neither status nor time tells them
/// apart.
@Component
class Ownership {

    /// Collections of which a tenant has a part, and how to find out.
    private static final Map<String, Kind> KINDS =
            Map.of(
                    "vms",
                    new Kind("vm", "select count(*) from vms where id = ? and tenant_id = ?"),
                    "grants",
                    new Kind("grant", "select count(*) from grants where id = ? and tenant_id = ?"),
                    "operations",
                    new Kind(
                            "operation",
                            "select count(*) from operations o join grants g on g.id = o.grant_id"
                                    + " where o.id = ? and g.tenant_id = ?"),
                    "tokens",
                    new Kind(
                            "token",
                            "select count(*) from api_tokens where id = ? and tenant_id = ?"
                                    + " and revoked_at is null"),
                    "tenants",
                    new Kind(
                            "tenant",
                            "select count(*) from tenants where id = ? and id = ?"
                                    + " and deleted_at is null"));

    private static final int COLLECTION = 3;

    private final JdbcClient jdbc;

    Ownership(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    private record Kind(String name, String query) {}

    /// The code of the answer where a tenant does not have what a path names, or null where it has.
    @Nullable String missing(ApiRoutes.Route route, String path, UUID tenantId) {
        String[] template = route.template().split("/", -1);
        if (template.length <= COLLECTION + 1 || !template[COLLECTION + 1].startsWith("{")) {
            return null;
        }
        Kind kind = KINDS.get(template[COLLECTION]);
        if (kind == null) {
            return "object";
        }
        String id = path.split("/", -1)[COLLECTION + 1];
        int verb = id.indexOf(':');
        try {
            UUID object = UUID.fromString(verb < 0 ? id : id.substring(0, verb));
            boolean has =
                    jdbc.sql(kind.query()).params(object, tenantId).query(Long.class).single() > 0;
            return has ? null : kind.name();
        } catch (IllegalArgumentException e) {
            // What is no identity is refused as such by the route, whoever asks.
            return null;
        }
    }
}
