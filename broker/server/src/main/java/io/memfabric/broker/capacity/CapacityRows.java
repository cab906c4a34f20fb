package io.memfabric.broker.capacity;

import io.memfabric.broker.database.Rows;
import io.memfabric.contract.vocabulary.FabricLimits;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/// The minutes and hours in the ledger.
@Component
class CapacityRows {

    /// The host under which the sums of the fabric are.
    static final UUID FABRIC = new UUID(0, 0);

    /// Held until the end of a transaction that writes minutes, so that brokers write in turns: the
    /// last one's sums are of everybody's hosts.
    private static final String LOCK = "select pg_advisory_xact_lock(7236837022)";

    /// A host that this broker did not hear is written as silent, unless another one has heard it.
    private static final String WRITE_HOSTS =
            """
            insert into capacity_minutes as c (host_id, at, heard_hosts, total_bytes,
                reserve_bytes, harvested_bytes, offered_bytes, lent_bytes, free_bytes,
                at_risk_bytes)
            select h.id, :at, (m.id is not null)::int, coalesce(m.total, 0),
                coalesce(m.reserve, 0), coalesce(m.harvested, 0), h.offered_regions * :region,
                h.claimed_regions * :region,
                case when m.id is null then 0 else
                    (h.offered_regions - h.claimed_regions - h.blocked_regions) * :region end,
                coalesce(r.bytes, 0)
            from hosts h
            left join unnest(:ids::uuid[], :totals::bigint[], :reserves::bigint[],
                    :harvests::bigint[]) m(id, total, reserve, harvested) on m.id = h.id
            left join (select borrower_id, sum(size_bytes) as bytes from grants
                    where state = 'DEGRADED' group by 1) r on r.borrower_id = h.id
            on conflict (host_id, at) do update set heard_hosts = excluded.heard_hosts,
                total_bytes = excluded.total_bytes, reserve_bytes = excluded.reserve_bytes,
                harvested_bytes = excluded.harvested_bytes,
                offered_bytes = excluded.offered_bytes, lent_bytes = excluded.lent_bytes,
                free_bytes = excluded.free_bytes, at_risk_bytes = excluded.at_risk_bytes
            where excluded.heard_hosts >= c.heard_hosts
            """;

    private static final String WRITE_FABRIC =
            """
            insert into capacity_minutes
            select :fabric, :at, coalesce(sum(heard_hosts), 0), coalesce(sum(total_bytes), 0),
                coalesce(sum(reserve_bytes), 0), coalesce(sum(harvested_bytes), 0),
                coalesce(sum(offered_bytes), 0), coalesce(sum(lent_bytes), 0),
                coalesce(sum(free_bytes), 0), coalesce(sum(at_risk_bytes), 0)
            from capacity_minutes where at = :at and host_id <> :fabric
            on conflict (host_id, at) do update set heard_hosts = excluded.heard_hosts,
                total_bytes = excluded.total_bytes, reserve_bytes = excluded.reserve_bytes,
                harvested_bytes = excluded.harvested_bytes,
                offered_bytes = excluded.offered_bytes, lent_bytes = excluded.lent_bytes,
                free_bytes = excluded.free_bytes, at_risk_bytes = excluded.at_risk_bytes
            """;

    private static final String WRITE_HOURS =
            """
            insert into capacity_hours
            select host_id, date_trunc('hour', at, 'UTC'), max(heard_hosts), avg(total_bytes),
                avg(reserve_bytes), avg(harvested_bytes), avg(offered_bytes),
                least(avg(lent_bytes), avg(offered_bytes)), avg(free_bytes), max(at_risk_bytes)
            from capacity_minutes
            where at >= :from and at < :until
            group by 1, 2
            on conflict (host_id, at) do update set heard_hosts = excluded.heard_hosts,
                total_bytes = excluded.total_bytes, reserve_bytes = excluded.reserve_bytes,
                harvested_bytes = excluded.harvested_bytes,
                offered_bytes = excluded.offered_bytes, lent_bytes = excluded.lent_bytes,
                free_bytes = excluded.free_bytes, at_risk_bytes = excluded.at_risk_bytes
            """;

    /// Minutes alone, or hours and those minutes of which there is no hour yet. An hour weighs as
    /// much as its minutes.
    private static final String READ =
            """
            select date_bin(make_interval(secs => :step), at, 'epoch') as begin,
                max(heard_hosts) as heard_hosts,
                (sum(total_bytes * w) / sum(w))::bigint as total_bytes,
                (sum(reserve_bytes * w) / sum(w))::bigint as reserve_bytes,
                (sum(harvested_bytes * w) / sum(w))::bigint as harvested_bytes,
                (sum(offered_bytes * w) / sum(w))::bigint as offered_bytes,
                (sum(lent_bytes * w) / sum(w))::bigint as lent_bytes,
                (sum(free_bytes * w) / sum(w))::bigint as free_bytes,
                max(at_risk_bytes) as at_risk_bytes
            from (
                select *, 60::numeric as w from capacity_hours
                where :hours and host_id = :host and at >= :from and at < :to
                union all
                select *, 1::numeric as w from capacity_minutes
                where host_id = :host and at >= :from and at < :to
                  and (not :hours or at >= (
                      select coalesce(max(at) + interval '1 hour', '-infinity')
                      from capacity_hours where host_id = :host)))
            group by 1 order by 1
            """;

    private final JdbcClient jdbc;

    CapacityRows(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /// Waits for other writers, and sees to it that there is room for a minute and not for those
    /// that are too old.
    void keep(Instant at, Duration minutes, Duration hours) {
        jdbc.sql(LOCK).query((_, _) -> true).single();
        keep("capacity_minutes", "day", at, at.minus(minutes));
        keep("capacity_hours", "month", at, at.minus(hours));
    }

    private void keep(String table, String unit, Instant at, Instant oldest) {
        jdbc.sql("select keep_capacity(?, ?, ?, ?)")
                .params(table, unit, Timestamp.from(at), Timestamp.from(oldest))
                .query((_, _) -> true)
                .single();
    }

    void writeHosts(Instant at, HeardMinute.Mean[] means) {
        jdbc.sql(WRITE_HOSTS)
                .param("at", Timestamp.from(at))
                .param("region", FabricLimits.REGION.bytes())
                .param("ids", Stream.of(means).map(HeardMinute.Mean::hostId).toArray(UUID[]::new))
                .param(
                        "totals",
                        Stream.of(means).map(HeardMinute.Mean::totalBytes).toArray(Long[]::new))
                .param(
                        "reserves",
                        Stream.of(means).map(HeardMinute.Mean::reserveBytes).toArray(Long[]::new))
                .param(
                        "harvests",
                        Stream.of(means).map(HeardMinute.Mean::harvestedBytes).toArray(Long[]::new))
                .update();
    }

    void writeFabric(Instant at) {
        jdbc.sql(WRITE_FABRIC).param("fabric", FABRIC).param("at", Timestamp.from(at)).update();
    }

    /// Writes the hours of these minutes.
    void writeHours(Instant from, Instant until) {
        jdbc.sql(WRITE_HOURS)
                .param("from", Timestamp.from(from))
                .param("until", Timestamp.from(until))
                .update();
    }

    /// The newest hour that there is, else the beginning of time.
    Instant newestHour() {
        return jdbc.sql("select coalesce(max(at), 'epoch') from capacity_hours where host_id = ?")
                .param(FABRIC)
                .query((row, _) -> row.getTimestamp(1).toInstant())
                .single();
    }

    /// Where and when to look.
    ///
    /// @param hours whether to read hours, and minutes only where there is no hour yet
    record Query(UUID hostId, Instant from, Instant to, Duration step, boolean hours) {}

    List<CapacityPoint> read(Query query) {
        return Rows.of(
                jdbc.sql(READ)
                        .param("step", query.step().toSeconds())
                        .param("hours", query.hours())
                        .param("host", query.hostId())
                        .param("from", Timestamp.from(query.from()))
                        .param("to", Timestamp.from(query.to()))
                        .query((row, _) -> point(row)));
    }

    private static CapacityPoint point(ResultSet row) throws SQLException {
        return new CapacityPoint(
                row.getTimestamp("begin").toInstant(),
                row.getInt("heard_hosts"),
                row.getLong("total_bytes"),
                row.getLong("reserve_bytes"),
                row.getLong("harvested_bytes"),
                row.getLong("offered_bytes"),
                row.getLong("lent_bytes"),
                row.getLong("free_bytes"),
                row.getLong("at_risk_bytes"));
    }
}
