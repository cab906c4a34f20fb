package io.memfabric.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.memfabric.broker.database.Rows;
import io.memfabric.broker.testbed.TestBroker;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;

/// How rows become records.
class RecordMapperIT {

    private final JdbcClient jdbc = TestBroker.shared().bean(JdbcClient.class);

    record Row(
            UUID hostId,
            String name,
            long sizeBytes,
            @Nullable Long maxBytes,
            int share,
            @Nullable Integer maxShare,
            boolean held,
            TimeUnit unit,
            @Nullable TimeUnit otherUnit,
            Instant createdAt,
            @Nullable Instant endedAt) {}

    record Strict(long sizeBytes) {}

    record Odd(StringBuilder text) {}

    @Test
    void readsEveryKindOfColumnByItsName() {
        UUID id = UUID.randomUUID();
        Row row =
                jdbc.sql(
                                "select 'seconds' as spare, true as held, '2026-01-02T03:04:05.6Z'::timestamptz"
                                        + " as created_at, null::timestamptz as ended_at, 7 as share,"
                                        + " 8 as max_share, 9 as size_bytes, null::bigint as max_bytes,"
                                        + " 'SECONDS' as unit, null::text as other_unit, 'a' as name,"
                                        + " ?::uuid as host_id")
                        .param(id)
                        .query(Row.class)
                        .single();
        assertThat(row)
                .isEqualTo(
                        new Row(
                                id,
                                "a",
                                9,
                                null,
                                7,
                                8,
                                true,
                                TimeUnit.SECONDS,
                                null,
                                Instant.parse("2026-01-02T03:04:05.6Z"),
                                null));
    }

    @Test
    void readsAllRows() {
        List<Strict> rows =
                Rows.of(
                        jdbc.sql("select n as size_bytes from generate_series(1, 3) n order by n")
                                .query(Strict.class));
        assertThat(rows).containsExactly(new Strict(1), new Strict(2), new Strict(3));
    }

    @Test
    void refusesWhatIsNotThere() {
        assertThatThrownBy(
                        () ->
                                jdbc.sql("select null::bigint as size_bytes")
                                        .query(Strict.class)
                                        .list())
                .isInstanceOf(DataAccessException.class)
                .hasMessageContaining("size_bytes is null");
        assertThatThrownBy(() -> jdbc.sql("select 1 as size").query(Strict.class).list())
                .isInstanceOf(DataAccessException.class);
        assertThatThrownBy(() -> jdbc.sql("select 'a' as text").query(Odd.class).list())
                .isInstanceOf(IllegalArgumentException.class);
    }
}
