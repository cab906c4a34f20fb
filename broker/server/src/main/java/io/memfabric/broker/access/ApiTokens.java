package io.memfabric.broker.access;

import io.memfabric.broker.database.Rows;
import io.memfabric.broker.database.TimeOrderedId;
import io.memfabric.broker.web.ListQuery;
import io.memfabric.broker.web.PageQuery;
import java.sql.Timestamp;
import java.time.Instant;
import java.time.InstantSource;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/// The API tokens of the ledger: who holds one, of which tenant, with which roles. Of a token itself
/// only its hash is kept.
@Component
class ApiTokens {

    private static final String COLUMNS =
            "select t.id, t.name, t.tenant_id, array_to_string(t.roles, ' ') as roles,"
                    + " array_to_string(t.scopes, ' ') as scopes, t.created_by, t.created_at,"
                    + " t.expires_at from api_tokens t join tenants n on n.id = t.tenant_id"
                    + " where t.revoked_at is null and n.deleted_at is null";

    private final JdbcClient jdbc;
    private final InstantSource clock;

    ApiTokens(JdbcClient jdbc, InstantSource clock) {
        this.jdbc = jdbc;
        this.clock = clock;
    }

    record Row(
            UUID id,
            String name,
            UUID tenantId,
            String roles,
            String scopes,
            String createdBy,
            Instant createdAt,
            @Nullable Instant expiresAt) {

        Set<Role> roleSet() {
            EnumSet<Role> set = EnumSet.noneOf(Role.class);
            words(roles).forEach(role -> Role.of(role).ifPresent(set::add));
            return set;
        }

        Caller.Api caller() {
            return new Caller.Api(id, "token:" + name, tenantId, roleSet(), words(scopes));
        }

        private static Set<String> words(String text) {
            return text.isEmpty() ? Set.of() : Set.of(text.split(" ", -1));
        }

        Set<String> scopeSet() {
            return words(scopes);
        }

        boolean isValid(Instant now) {
            return expiresAt == null || expiresAt.isAfter(now);
        }
    }

    /// What a new token is to be.
    record Draft(
            String name,
            UUID tenantId,
            Set<Role> roles,
            Set<String> scopes,
            @Nullable Instant expiresAt,
            String createdBy) {}

    Optional<Row> byHash(Secret.Hash hash) {
        return jdbc.sql(COLUMNS + " and t.token_hash = ?")
                .param(hash.bytes())
                .query(Row.class)
                .optional()
                .filter(row -> row.isValid(clock.instant()));
    }

    Optional<Row> byId(UUID id) {
        return jdbc.sql(COLUMNS + " and t.id = ?").param(id).query(Row.class).optional();
    }

    List<Row> list(ListFilter filter, PageQuery query) {
        ListQuery list =
                new ListQuery(COLUMNS, "t.id", filter.order())
                        .where("t.tenant_id = ?", filter.onlyTenant())
                        .where("t.tenant_id = ?", filter.tenantId())
                        .where("t.name = ?", filter.name());
        return Rows.of(list.rows(jdbc, query.afterIdOrNull(), query.limit()).query(Row.class));
    }

    /// Which tokens a list has.
    ///
    /// @param onlyTenant the tenant of a caller who may see no other
    record ListFilter(
            @Nullable UUID onlyTenant,
            @Nullable UUID tenantId,
            @Nullable String name,
            @Nullable String order) {}

    boolean isNameTaken(UUID tenantId, String name) {
        return jdbc.sql(
                                "select count(*) from api_tokens"
                                        + " where tenant_id = ? and name = ? and revoked_at is null")
                        .params(tenantId, name)
                        .query(Long.class)
                        .single()
                > 0;
    }

    boolean hasTenant(UUID id) {
        return jdbc.sql("select count(*) from tenants where id = ? and deleted_at is null")
                        .param(id)
                        .query(Long.class)
                        .single()
                > 0;
    }

    UUID add(Draft draft, Secret.Hash hash) {
        Instant now = clock.instant();
        UUID id = TimeOrderedId.at(now);
        jdbc.sql(
                        "insert into api_tokens (id, name, token_hash, created_at, tenant_id, roles,"
                                + " scopes, created_by, expires_at)"
                                + " values (?, ?, ?, ?, ?, ?, ?, ?, ?)")
                .param(id)
                .param(draft.name())
                .param(hash.bytes())
                .param(Timestamp.from(now))
                .param(draft.tenantId())
                .param(draft.roles().stream().map(Role::wire).sorted().toArray(String[]::new))
                .param(draft.scopes().stream().sorted().toArray(String[]::new))
                .param(draft.createdBy())
                .param(draft.expiresAt() == null ? null : Timestamp.from(draft.expiresAt()))
                .update();
        return id;
    }

    /// Ends a token for ever; whether there was one that was valid.
    boolean revoke(UUID id) {
        return jdbc.sql("update api_tokens set revoked_at = ? where id = ? and revoked_at is null")
                        .params(Timestamp.from(clock.instant()), id)
                        .update()
                == 1;
    }

    /// Whether there is a valid token of that name.
    boolean hasNamed(UUID tenantId, String name) {
        return jdbc.sql(
                        "select exists (select 1 from api_tokens"
                                + " where tenant_id = ? and name = ? and revoked_at is null)")
                .params(tenantId, name)
                .query(Boolean.class)
                .single();
    }

    void revokeNamed(UUID tenantId, String name) {
        jdbc.sql(
                        "update api_tokens set revoked_at = ?"
                                + " where tenant_id = ? and name = ? and revoked_at is null")
                .params(Timestamp.from(clock.instant()), tenantId, name)
                .update();
    }
}
