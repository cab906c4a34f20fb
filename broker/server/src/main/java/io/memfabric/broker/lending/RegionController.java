package io.memfabric.broker.lending;

import io.memfabric.broker.database.Rows;
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

    /// What the ledger says of a region.
    enum State {
        FREE,
        CLAIMED,
        BLOCKED
    }

    private record Row(
            UUID hostId,
            UUID bootId,
            long regionId,
            long generation,
            String state,
            @Nullable UUID grantId) {

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
                long sizeBytes) {}
    }

    @GetMapping("/api/v1/regions")
    Page<RegionView> list(
            @RequestParam(required = false) @Nullable UUID hostId,
            @RequestParam(required = false) @Nullable UUID grantId,
            @RequestParam(required = false) @Nullable List<State> state,
            @RequestParam(required = false) @Nullable Integer pageSize,
            @RequestParam(required = false) @Nullable String pageToken) {
        PageQuery query = PageQuery.of(pageSize, pageToken);
        RegionKey after = RegionKey.parse(query.after());
        return Page.of(
                query,
                Rows.of(
                        jdbc.sql(
                                        "select host_id, boot_id, region_id, generation, state, grant_id"
                                                + " from regions where (host_id, boot_id, region_id)"
                                                + " > (:host, :boot, :region)"
                                                + " and (:hostId::uuid is null or host_id = :hostId)"
                                                + " and (:grantId::uuid is null or grant_id = :grantId)"
                                                + " and (:states::text[] is null or state = any(:states::text[]))"
                                                + " order by host_id, boot_id, region_id limit :limit")
                                .param("host", after.hostId())
                                .param("boot", after.bootId())
                                .param("region", after.regionId())
                                .param("hostId", hostId)
                                .param("grantId", grantId)
                                .param(
                                        "states",
                                        state == null
                                                ? null
                                                : state.stream()
                                                        .map(State::name)
                                                        .toArray(String[]::new))
                                .param("limit", query.limit())
                                .query(Row.class)),
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
                        FabricLimits.REGION.bytes()));
    }

    private record RegionKey(UUID hostId, UUID bootId, long regionId) {
        static RegionKey parse(@Nullable String key) {
            UUID first = new UUID(0, 0);
            if (key == null) {
                return new RegionKey(first, first, -1);
            }
            String[] parts = key.split("\\.", -1);
            try {
                return new RegionKey(
                        UUID.fromString(parts[0]),
                        UUID.fromString(parts[1]),
                        Long.parseLong(parts[2]));
            } catch (IllegalArgumentException | ArrayIndexOutOfBoundsException e) {
                throw PageQuery.invalidToken();
            }
        }
    }
}
