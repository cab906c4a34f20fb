package io.memfabric.broker.audit;

import io.memfabric.broker.database.Rows;
import io.memfabric.broker.web.ListQuery;
import io.memfabric.broker.web.Page;
import io.memfabric.broker.web.PageQuery;
import java.time.Instant;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/// Shows the audit trail and says whether it is whole.
@RestController
class AuditController {

    /// Every row of which the hash is not that of itself and the row before, or which has no row
    /// before it where it should.
    private static final String BROKEN =
            "select id from (select id, hash,"
                    + " lag(id, 1, 0::bigint) over (order by id) as before_id,"
                    + " audit_hash(lag(hash, 1, decode(repeat('00', 32), 'hex')) over (order by id),"
                    + " id, at, actor, source, tenant_id, action, object, detail) as expected"
                    + " from audit) chain"
                    + " where hash <> expected or id <> before_id + 1 order by id limit 1";

    private final JdbcClient jdbc;

    AuditController(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /// @param hash of this row and of the hash before it, SHA-256 in hex
    record EntryView(
            long id,
            Instant at,
            String actor,
            @Nullable String source,
            @Nullable UUID tenantId,
            String action,
            @Nullable String object,
            String detail,
            String hash) {}

    /// @param firstBroken the first row that was not written so, or null
    /// @param lastHash what to note elsewhere, to find out later whether the end was cut off
    record Verification(
            boolean whole, long entries, @Nullable Long firstBroken, @Nullable String lastHash) {}

    @GetMapping("/api/v1/audit")
    Page<EntryView> list(
            @RequestParam(required = false) @Nullable String action,
            @RequestParam(required = false) @Nullable String actor,
            @RequestParam(required = false) @Nullable String object,
            @RequestParam(required = false) @Nullable String order,
            @RequestParam(required = false) @Nullable Integer pageSize,
            @RequestParam(required = false) @Nullable String pageToken) {
        PageQuery query = PageQuery.of(pageSize, pageToken);
        ListQuery list =
                new ListQuery(
                                "select id, at, actor, source, tenant_id, action, object, detail,"
                                        + " encode(hash, 'hex') as hash from audit",
                                "id",
                                order)
                        .where("action = ?", action)
                        .where("actor = ?", actor)
                        .where("object = ?", object);
        Long after = query.afterNumberOrNull();
        return Page.of(
                query,
                Rows.of(list.rows(jdbc, after, query.limit()).query(EntryView.class)),
                row -> Long.toString(row.id()),
                row -> row);
    }

    @GetMapping("/api/v1/audit:verify")
    Verification verify() {
        Long broken = jdbc.sql(BROKEN).query(Long.class).optional().orElse(null);
        return jdbc.sql(
                        "select id, encode(hash, 'hex') as hash from audit"
                                + " order by id desc limit 1")
                .query(
                        (row, _) ->
                                new Verification(
                                        broken == null, row.getLong(1), broken, row.getString(2)))
                .optional()
                .orElseGet(() -> new Verification(true, 0, null, null));
    }
}
