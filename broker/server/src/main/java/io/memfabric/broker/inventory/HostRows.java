package io.memfabric.broker.inventory;

import io.memfabric.broker.database.Rows;
import io.memfabric.broker.policy.FailureDomain;
import io.memfabric.broker.policy.PlacementRules;
import io.memfabric.contract.vocabulary.FabricLimits;
import io.memfabric.contract.vocabulary.HarvestMode;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/// What is read for every placement: rows, which no later flush of the transaction has to go
/// through.
@Component
class HostRows {

    private final JdbcClient jdbc;

    HostRows(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /// What holds for every placement.
    PlacementRules rules() {
        return jdbc.sql(
                        "select largest_share_percent, low_latency_nanos, survive_largest_lender"
                                + " from fabric")
                .query(PlacementRules.class)
                .single();
    }

    List<HostRow> all() {
        return Rows.of(
                jdbc.sql(
                                "select id, name, mode, lend_limit_bytes, scheduling, rack, power,"
                                        + " zone, keep_regions, data_address, agent_version,"
                                        + " boot_id, offered_regions, claimed_regions,"
                                        + " blocked_regions, last_report_at, lost_at, revision"
                                        + " from hosts where removed_at is null")
                        .query((row, _) -> host(row)));
    }

    /// How much each host lends that lends something.
    Map<UUID, Long> lentBytes() {
        Map<UUID, Long> lent = new HashMap<>();
        jdbc.sql(
                        "select id, claimed_regions from hosts"
                                + " where claimed_regions > 0 and removed_at is null")
                .query(
                        row -> {
                            lent.put(
                                    row.getObject(1, UUID.class),
                                    row.getInt(2) * FabricLimits.REGION.bytes());
                        });
        return lent;
    }

    private static HostRow host(ResultSet row) throws SQLException {
        return new HostRow(
                row.getObject(1, UUID.class),
                row.getString(2),
                HarvestMode.valueOf(row.getString(3)),
                row.getLong(4),
                Scheduling.valueOf(row.getString(5)),
                new FailureDomain(row.getString(6), row.getString(7), row.getString(8)),
                row.getObject(9, Integer.class),
                row.getString(10),
                row.getString(11),
                row.getObject(12, UUID.class),
                new RegionCounts(row.getInt(13), row.getInt(14), row.getInt(15)),
                time(row, 16),
                time(row, 17),
                row.getLong(18));
    }

    private static @Nullable Instant time(ResultSet row, int column) throws SQLException {
        OffsetDateTime at = row.getObject(column, OffsetDateTime.class);
        return at == null ? null : at.toInstant();
    }
}
