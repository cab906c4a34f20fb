package io.memfabric.broker.grant;

import io.memfabric.broker.access.Caller;
import io.memfabric.broker.database.Rows;
import io.memfabric.broker.policy.GrantState;
import io.memfabric.broker.web.ListQuery;
import io.memfabric.broker.web.Page;
import io.memfabric.broker.web.PageQuery;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestAttribute;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/// The grants of the fabric, or of one tenant.
@RestController
class GrantListController {

    private final JdbcClient jdbc;
    private final GrantRepository grants;
    private final Expiries expiries;

    GrantListController(JdbcClient jdbc, GrantRepository grants, Expiries expiries) {
        this.jdbc = jdbc;
        this.grants = grants;
        this.expiries = expiries;
    }

    /// Which grants a page is to have, as the request says.
    record GrantQuery(
            @Nullable UUID vmId,
            @Nullable UUID borrowerId,
            @Nullable UUID tenantId,
            @Nullable List<GrantState> state,
            @Nullable String order) {}

    @GetMapping("/api/v1/grants")
    Page<GrantView> list(
            @RequestAttribute(Caller.ATTRIBUTE) Caller.Api caller,
            GrantQuery wanted,
            @RequestParam(required = false) @Nullable Integer pageSize,
            @RequestParam(required = false) @Nullable String pageToken) {
        PageQuery query = PageQuery.of(pageSize, pageToken);
        ListQuery list =
                new ListQuery("select id from grants where part_of is null", "id", wanted.order())
                        .where("vm_id = ?", wanted.vmId())
                        .where("borrower_id = ?", wanted.borrowerId())
                        .where("tenant_id = ?", wanted.tenantId())
                        .where("tenant_id = ?", caller.onlyTenant().orElse(null))
                        .whereOneOf("state", wanted.state());
        List<UUID> ids =
                Rows.of(list.rows(jdbc, query.afterIdOrNull(), query.limit()).query(UUID.class));
        Map<UUID, GrantEntity> rows =
                grants.findByIdIn(ids).stream()
                        .collect(Collectors.toMap(GrantEntity::id, Function.identity()));
        Map<UUID, List<GrantEntity>> further =
                grants.findByPartOfInOrderById(ids).stream()
                        .collect(Collectors.groupingBy(part -> part.partOf().orElseThrow()));
        Map<UUID, Instant> ends = expiries.of(ids);
        return Page.of(
                query,
                ids.stream().filter(rows::containsKey).map(rows::get).toList(),
                grant -> grant.id().toString(),
                grant ->
                        GrantView.of(
                                grant,
                                further.getOrDefault(grant.id(), List.of()),
                                ends.get(grant.id())));
    }
}
