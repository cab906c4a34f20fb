package io.memfabric.broker.lending;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.memfabric.broker.database.Rows;
import io.memfabric.broker.policy.ledger.Medium;
import io.memfabric.broker.policy.ledger.Region;
import io.memfabric.broker.web.ListQuery;
import io.memfabric.broker.web.Page;
import io.memfabric.broker.web.PageQuery;
import io.memfabric.contract.vocabulary.FabricLimits;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/// The regions of the ledger, to read.
@RestController
class RegionController {

    private final JdbcClient jdbc;

    RegionController(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    private record Row(
            UUID hostId,
            UUID bootId,
            long regionId,
            long generation,
            String state,
            @Nullable UUID grantId,
            @Nullable UUID heldFor,
            Medium medium) {

        String key() {
            return hostId + "." + bootId + "." + regionId;
        }
    }

    record RegionView(String id, Spec spec, Status status) {

        record Spec() {}

        record Status(
                UUID hostId,
                UUID bootId,
                long regionId,
                long generation,
                String state,
                @Nullable UUID grantId,
                @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable UUID heldFor,
                Medium medium,
                long sizeBytes) {}
    }

    /// Which regions a list is to have.
    record RegionQuery(
            @Nullable UUID hostId,
            @Nullable UUID grantId,
            @Nullable List<Region.State> state,
            @Nullable String order) {}

    @GetMapping("/api/v1/regions")
    Page<RegionView> list(
            RegionQuery wanted,
            @RequestParam(required = false) @Nullable Integer pageSize,
            @RequestParam(required = false) @Nullable String pageToken) {
        PageQuery query = PageQuery.of(pageSize, pageToken);
        ListQuery list =
                new ListQuery(
                                "select host_id, boot_id, region_id, generation, state, grant_id,"
                                        + " held_for, medium from regions",
                                "host_id, boot_id, region_id",
                                wanted.order())
                        .where("host_id = ?", wanted.hostId())
                        .where("grant_id = ?", wanted.grantId())
                        .whereOneOf("state", wanted.state());
        return Page.of(
                query,
                Rows.of(list.rows(jdbc, after(query), query.limit()).query(Row.class)),
                Row::key,
                RegionController::view);
    }

    private static RegionView view(Row row) {
        return new RegionView(
                row.key(),
                new RegionView.Spec(),
                new RegionView.Status(
                        row.hostId(),
                        row.bootId(),
                        row.regionId(),
                        row.generation(),
                        row.state(),
                        row.grantId(),
                        row.heldFor(),
                        row.medium(),
                        FabricLimits.REGION.bytes()));
    }

    /// The key of the last region of the page before; null where the list begins.
    private static @Nullable List<Object> after(PageQuery query) {
        if (query.after() == null) {
            return null;
        }
        String[] parts = query.after().split("\\.", -1);
        try {
            return List.of(
                    UUID.fromString(parts[0]), UUID.fromString(parts[1]), Long.valueOf(parts[2]));
        } catch (IllegalArgumentException | ArrayIndexOutOfBoundsException e) {
            throw PageQuery.invalidToken();
        }
    }
}
