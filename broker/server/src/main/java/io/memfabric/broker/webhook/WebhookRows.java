package io.memfabric.broker.webhook;

import io.memfabric.broker.database.Rows;
import io.memfabric.broker.web.ListQuery;
import io.memfabric.broker.web.PageQuery;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/// The webhooks of the ledger.
@Component
class WebhookRows {

    private static final String COLUMNS =
            "id, url, array_to_string(types, ' ') as types, secret, state, after_event, attempts,"
                    + " last_error, created_by, created_at, revision";

    private final JdbcClient jdbc;

    WebhookRows(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    enum State {
        ACTIVE,
        STOPPED
    }

    /// @param types the events that it is told of, separated by blanks; empty for all
    /// @param afterEvent the last event that it has, or does not want
    record Row(
            UUID id,
            String url,
            String types,
            String secret,
            State state,
            long afterEvent,
            int attempts,
            @Nullable String lastError,
            String createdBy,
            Instant createdAt,
            long revision) {

        Set<String> typeSet() {
            return types.isEmpty() ? Set.of() : Set.of(types.split(" ", -1));
        }
    }

    void add(Row row, Instant now) {
        jdbc.sql(
                        "insert into webhooks (id, url, types, secret, state, after_event, attempts,"
                                + " next_at, created_by, created_at, revision)"
                                + " values (?, ?, ?, ?, 'ACTIVE', ?, 0, ?, ?, ?, 0)")
                .param(row.id())
                .param(row.url())
                .param(row.typeSet().stream().sorted().toArray(String[]::new))
                .param(row.secret())
                .param(row.afterEvent())
                .param(Timestamp.from(now))
                .param(row.createdBy())
                .param(Timestamp.from(now))
                .update();
    }

    Optional<Row> find(UUID id) {
        return jdbc.sql("select " + COLUMNS + " from webhooks where id = ?")
                .param(id)
                .query(Row.class)
                .optional();
    }

    List<Row> list(@Nullable List<State> states, @Nullable String order, PageQuery query) {
        ListQuery list =
                new ListQuery("select " + COLUMNS + " from webhooks", "id", order)
                        .whereOneOf("state", states);
        return Rows.of(list.rows(jdbc, query.afterIdOrNull(), query.limit()).query(Row.class));
    }

    boolean delete(UUID id) {
        return jdbc.sql("delete from webhooks where id = ?").param(id).update() == 1;
    }

    void setState(UUID id, State state, Instant now) {
        jdbc.sql(
                        "update webhooks set state = ?, attempts = 0, last_error = null, next_at = ?,"
                                + " revision = revision + 1 where id = ?")
                .params(state.name(), Timestamp.from(now), id)
                .update();
    }

    /// Takes the webhooks that are due, for nobody else until `until`.
    List<Row> take(Instant now, Instant until, int most) {
        return Rows.of(
                jdbc.sql(
                                "update webhooks set next_at = ? where id in (select id from webhooks"
                                        + " where state = 'ACTIVE' and next_at <= ?"
                                        + " order by next_at limit ? for update skip locked)"
                                        + " returning "
                                        + COLUMNS)
                        .params(Timestamp.from(until), Timestamp.from(now), most)
                        .query(Row.class));
    }

    void arrived(UUID id, long event, Instant next) {
        jdbc.sql(
                        "update webhooks set after_event = ?, attempts = 0, last_error = null,"
                                + " next_at = ? where id = ?")
                .params(event, Timestamp.from(next), id)
                .update();
    }

    void failed(UUID id, String error, Instant next) {
        jdbc.sql(
                        "update webhooks set attempts = attempts + 1, last_error = ?, next_at = ?"
                                + " where id = ?")
                .params(error, Timestamp.from(next), id)
                .update();
    }

    void giveUp(UUID id, String error) {
        jdbc.sql(
                        "update webhooks set state = 'STOPPED', last_error = ?,"
                                + " revision = revision + 1 where id = ?")
                .params(error, id)
                .update();
    }
}
