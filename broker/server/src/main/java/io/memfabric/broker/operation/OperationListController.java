package io.memfabric.broker.operation;

import io.memfabric.broker.access.Caller;
import io.memfabric.broker.database.Rows;
import io.memfabric.broker.web.ListQuery;
import io.memfabric.broker.web.Page;
import io.memfabric.broker.web.PageQuery;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestAttribute;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/// The operations of the fabric, or of one tenant.
@RestController
class OperationListController {

    private final JdbcClient jdbc;
    private final OperationRepository operations;

    OperationListController(JdbcClient jdbc, OperationRepository operations) {
        this.jdbc = jdbc;
        this.operations = operations;
    }

    @GetMapping("/api/v1/operations")
    Page<OperationView> list(
            @RequestAttribute(Caller.ATTRIBUTE) Caller.Api caller,
            @RequestParam(required = false) @Nullable UUID grantId,
            @RequestParam(required = false) @Nullable UUID hostId,
            @RequestParam(required = false) @Nullable Boolean done,
            @RequestParam(required = false) @Nullable String order,
            @RequestParam(required = false) @Nullable Integer pageSize,
            @RequestParam(required = false) @Nullable String pageToken) {
        PageQuery query = PageQuery.of(pageSize, pageToken);
        ListQuery list =
                new ListQuery("select o.id from operations o", "o.id", order)
                        .where("o.grant_id = ?", grantId)
                        .where("o.host_id = ?", hostId)
                        .where("o.done = ?", done);
        caller.onlyTenant()
                .ifPresent(
                        tenant ->
                                list.where(
                                        "o.grant_id in (select id from grants where tenant_id = ?)",
                                        tenant));
        List<UUID> ids =
                Rows.of(list.rows(jdbc, query.afterIdOrNull(), query.limit()).query(UUID.class));
        return Page.of(
                query,
                ids.stream()
                        .flatMap(id -> operations.findById(id).stream())
                        .map(OperationEntity::view)
                        .toList(),
                operation -> operation.id().toString(),
                operation -> operation);
    }
}
