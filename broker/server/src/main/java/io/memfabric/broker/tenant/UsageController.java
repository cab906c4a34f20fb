package io.memfabric.broker.tenant;

import io.memfabric.broker.database.Rows;
import io.memfabric.broker.web.Problem;
import io.memfabric.broker.web.ProblemCode;
import java.math.BigInteger;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/// What a tenant used, hour by hour, as JSON and as a table for a spreadsheet. What it borrowed is
/// exact: a sum over when each grant held how much. What it lent is measured.
@RestController
class UsageController {

    private static final Duration LONGEST = Duration.ofDays(32);

    private static final String HOURS =
            """
            select h.at, coalesce(b.borrowed, 0)::numeric(40, 0),
                   coalesce(l.byte_seconds, 0)::numeric(40, 0)
            from generate_series(:from::timestamptz, :last::timestamptz, interval '1 hour') h(at)
            left join lateral (
                select sum(s.bytes::numeric * extract(epoch from
                           least(coalesce(s.to_at, :now), h.at + interval '1 hour', :now)
                           - greatest(s.from_at, h.at))) as borrowed
                from grant_spans s
                where s.tenant_id = :tenant and s.from_at < least(h.at + interval '1 hour', :now)
                  and (s.to_at is null or s.to_at > h.at)) b on true
            left join lent_hours l on l.tenant_id = :tenant and l.hour = h.at
            order by h.at
            """;

    private final TenantRows tenants;
    private final JdbcClient jdbc;
    private final InstantSource clock;

    UsageController(TenantRows tenants, JdbcClient jdbc, InstantSource clock) {
        this.tenants = tenants;
        this.jdbc = jdbc;
        this.clock = clock;
    }

    record Hour(Instant hour, BigInteger borrowedByteSeconds, BigInteger lentByteSeconds) {}

    record Usage(UUID tenantId, Instant from, Instant to, List<Hour> hours) {}

    @GetMapping(path = "/api/v1/tenants/{id}/usage", produces = MediaType.APPLICATION_JSON_VALUE)
    Usage get(
            @PathVariable UUID id,
            @RequestParam(required = false) @Nullable Instant from,
            @RequestParam(required = false) @Nullable Instant to) {
        if (tenants.find(id).isEmpty()) {
            throw Problem.notFound("tenant", id);
        }
        Instant now = clock.instant();
        Instant end = to == null || to.isAfter(now) ? now : to;
        Instant start =
                (from == null ? end.minus(Duration.ofDays(1)) : from).truncatedTo(ChronoUnit.HOURS);
        if (!start.isBefore(end) || Duration.between(start, end).compareTo(LONGEST) > 0) {
            throw new Problem(
                    ProblemCode.INVALID_TIME_RANGE,
                    "from must lie before to and before now, by at most 32 days.");
        }
        Instant last = end.minusNanos(1).truncatedTo(ChronoUnit.HOURS);
        return new Usage(
                id,
                start,
                end,
                Rows.of(
                        jdbc.sql(HOURS)
                                .param("from", Timestamp.from(start))
                                .param("last", Timestamp.from(last))
                                .param("now", Timestamp.from(end))
                                .param("tenant", id)
                                .query(
                                        (row, _) ->
                                                new Hour(
                                                        row.getTimestamp(1).toInstant(),
                                                        row.getBigDecimal(2).toBigInteger(),
                                                        row.getBigDecimal(3).toBigInteger()))));
    }

    @GetMapping(path = "/api/v1/tenants/{id}/usage", produces = "text/csv")
    ResponseEntity<String> table(
            @PathVariable UUID id,
            @RequestParam(required = false) @Nullable Instant from,
            @RequestParam(required = false) @Nullable Instant to) {
        StringBuilder text =
                new StringBuilder("tenant_id,hour,borrowed_byte_seconds,lent_byte_seconds\r\n");
        for (Hour hour : get(id, from, to).hours()) {
            text.append(
                    "%s,%s,%d,%d\r\n"
                            .formatted(
                                    id,
                                    hour.hour(),
                                    hour.borrowedByteSeconds(),
                                    hour.lentByteSeconds()));
        }
        return ResponseEntity.ok()
                .header(
                        HttpHeaders.CONTENT_DISPOSITION,
                        "attachment; filename=\"usage-" + id + ".csv\"")
                .contentType(MediaType.parseMediaType("text/csv;charset=UTF-8"))
                .body(text.toString());
    }
}
