package io.memfabric.broker.fuzz;

import io.memfabric.broker.database.Rows;
import java.util.List;
import java.util.stream.Collectors;
import org.springframework.jdbc.core.simple.JdbcClient;

/// What the ledger holds, to compare. Left out is what tells of requests and of time: the trail, the
/// events, and sums that grow by themselves.
final class LedgerState {

    private static final String TABLES =
            "select table_name from information_schema.tables"
                    + " where table_schema = current_schema() and table_type = 'BASE TABLE'"
                    + " and table_name not in"
                    + " ('audit', 'events', 'lent_hours', 'presences', 'flyway_schema_history')"
                    + " and table_name not like 'capacity%'";

    private final JdbcClient jdbc;
    private final String query;

    LedgerState(JdbcClient jdbc) {
        this.jdbc = jdbc;
        List<String> tables = Rows.of(jdbc.sql(TABLES + " order by 1").query(String.class));
        query =
                tables.stream()
                        .map(
                                table ->
                                        "select '%1$s' || ' ' || count(*) || ' '".formatted(table)
                                                + "|| coalesce(sum(hashtextextended(%s, 0)), 0)"
                                                        .formatted(content(table))
                                                + " from %s t".formatted(table))
                        .collect(Collectors.joining(" union all "));
    }

    /// What counts of a row. How far a webhook was told changes by itself.
    private static String content(String table) {
        return table.equals("webhooks") ? "t.id::text || t.url" : "t::text";
    }

    /// A number that every transaction that writes raises.
    String writes() {
        return jdbc.sql("select pg_snapshot_xmax(pg_current_snapshot())::text")
                .query(String.class)
                .single();
    }

    /// One line for each table.
    List<String> digest() {
        return Rows.of(jdbc.sql(query).query(String.class));
    }
}
