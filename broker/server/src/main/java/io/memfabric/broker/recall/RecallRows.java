package io.memfabric.broker.recall;

import io.memfabric.broker.database.Rows;
import io.memfabric.broker.inventory.Inventory;
import io.memfabric.broker.web.ListQuery;
import io.memfabric.broker.web.PageQuery;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/// The recalls of the ledger. Each method is part of the transaction at hand.
@Component
class RecallRows {

    private final JdbcClient jdbc;
    private final Inventory inventory;

    RecallRows(JdbcClient jdbc, Inventory inventory) {
        this.jdbc = jdbc;
        this.inventory = inventory;
    }

    void add(Recall recall) {
        jdbc.sql(
                        "insert into recalls (id, host_id, reason, wanted_bytes, keep_regions,"
                                + " found_regions, state, deadline, hold_until, created_at)"
                                + " values (?, ?, ?, ?, ?, ?, 'OPEN', ?, ?, ?)")
                .params(
                        recall.id(),
                        recall.hostId(),
                        recall.reason().name(),
                        recall.wantedBytes(),
                        recall.keepRegions(),
                        recall.foundRegions(),
                        Timestamp.from(recall.deadline()),
                        Timestamp.from(recall.holdUntil()),
                        Timestamp.from(recall.createdAt()))
                .update();
        bound(recall.hostId(), recall.createdAt());
    }

    Optional<Recall> find(UUID id) {
        return jdbc.sql("select * from recalls where id = ?")
                .param(id)
                .query(RecallRows::row)
                .optional();
    }

    /// A recall under its row lock, if it is open.
    Optional<Recall> lockOpen(UUID id) {
        return jdbc.sql("select * from recalls where id = ? and state = 'OPEN' for update")
                .param(id)
                .query(RecallRows::row)
                .optional();
    }

    /// The open recall of a host, under its row lock.
    Optional<Recall> lockOpenAt(UUID hostId) {
        return jdbc.sql("select * from recalls where host_id = ? and state = 'OPEN' for update")
                .param(hostId)
                .query(RecallRows::row)
                .optional();
    }

    List<Recall> open() {
        return Rows.of(
                jdbc.sql("select * from recalls where state = 'OPEN' order by deadline")
                        .query(RecallRows::row));
    }

    List<Recall> list(
            @Nullable UUID hostId,
            @Nullable List<Recall.State> states,
            @Nullable String order,
            PageQuery query) {
        ListQuery list =
                new ListQuery("select * from recalls", "id", order)
                        .where("host_id = ?", hostId)
                        .whereOneOf("state", states);
        return Rows.of(
                list.rows(jdbc, query.afterIdOrNull(), query.limit()).query(RecallRows::row));
    }

    /// The recall that drains a host, or keeps a drained one from lending.
    Optional<Recall> drainOf(UUID hostId) {
        return jdbc.sql(
                        "select * from recalls where host_id = ? and reason = 'DRAIN'"
                                + " and state <> 'ENDED'")
                .param(hostId)
                .query(RecallRows::row)
                .optional();
    }

    /// How many grants have something on a host.
    int grantsAt(UUID hostId) {
        return jdbc.sql(
                        "select count(distinct l.grant_id) from legs l join grants g"
                                + " on g.id = l.grant_id where l.host_id = ? and l.state = 'LIVE'"
                                + " and g.borrower_id <> l.host_id")
                .param(hostId)
                .query(Integer.class)
                .single();
    }

    /// Hosts that are to be drained and have no recall for it.
    List<UUID> toDrain() {
        return Rows.of(
                jdbc.sql(
                                "select h.id from hosts h where h.scheduling = 'DRAINED'"
                                        + " and h.removed_at is null and not exists (select 1 from recalls r"
                                        + " where r.host_id = h.id and r.reason = 'DRAIN'"
                                        + " and r.state <> 'ENDED') order by h.id")
                        .query(UUID.class));
    }

    /// Recalls that hold their host back no longer.
    List<Recall> over(Instant now) {
        return Rows.of(
                jdbc.sql(
                                "select r.* from recalls r join hosts h on h.id = r.host_id"
                                        + " where (r.state = 'DONE' and r.hold_until <= ?)"
                                        + " or (r.state <> 'ENDED' and r.reason = 'DRAIN'"
                                        + " and h.scheduling <> 'DRAINED')")
                        .param(Timestamp.from(now))
                        .query(RecallRows::row));
    }

    void note(UUID id, String plan, @Nullable String problem) {
        jdbc.sql(
                        "update recalls set plan = :plan, problem = :problem where id = :id"
                                + " and (plan, problem) is distinct from (:plan, :problem)")
                .param("plan", plan)
                .param("problem", problem)
                .param("id", id)
                .update();
    }

    void setLate(UUID id) {
        jdbc.sql("update recalls set late = true where id = ?").param(id).update();
    }

    /// Goes on to a state, and lets the host lend what is left to it then.
    void become(Recall recall, Recall.State state, Instant now) {
        jdbc.sql(
                        "update recalls set state = ?, done_at = coalesce(done_at, ?),"
                                + " problem = null where id = ?")
                .params(state.name(), Timestamp.from(now), recall.id())
                .update();
        bound(recall.hostId(), now);
    }

    private void bound(UUID hostId, Instant now) {
        jdbc.sql(
                        "update hosts set keep_regions = (select min(keep_regions) from recalls"
                                + " where host_id = ? and (state = 'OPEN'"
                                + " or (state = 'DONE' and hold_until > ?))) where id = ?")
                .params(hostId, Timestamp.from(now), hostId)
                .update();
        inventory.limitChanged(hostId);
    }

    private static Recall row(ResultSet row, int number) throws SQLException {
        Timestamp doneAt = row.getTimestamp("done_at");
        return new Recall(
                row.getObject("id", UUID.class),
                row.getObject("host_id", UUID.class),
                Recall.Reason.valueOf(row.getString("reason")),
                row.getLong("wanted_bytes"),
                row.getInt("keep_regions"),
                row.getInt("found_regions"),
                Recall.State.valueOf(row.getString("state")),
                row.getTimestamp("deadline").toInstant(),
                row.getTimestamp("hold_until").toInstant(),
                row.getString("plan"),
                row.getString("problem"),
                row.getBoolean("late"),
                row.getTimestamp("created_at").toInstant(),
                doneAt == null ? null : doneAt.toInstant());
    }
}
