package io.memfabric.broker.grant;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.memfabric.broker.command.Commands;
import io.memfabric.broker.database.Ledger;
import io.memfabric.broker.database.Rows;
import io.memfabric.broker.event.Events;
import io.memfabric.broker.event.NewEvent;
import io.memfabric.broker.web.ListQuery;
import io.memfabric.broker.web.Page;
import io.memfabric.broker.web.PageQuery;
import io.memfabric.broker.web.Problem;
import io.memfabric.broker.web.ProblemCode;
import io.memfabric.contract.agent.DetachGrant;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.Instant;
import java.time.InstantSource;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpStatus;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/// Grants that hosts hold and of which the ledger knows nothing else, see [Adoption]: what they hold
/// is lent to nobody. An operator sees them here, and ends them.
@RestController
class QuarantineController {

    private static final String SELECT =
            "select grant_id, borrower_id, vm_id, epoch, found_at, exists (select 1 from commands c"
                    + " where c.grant_id = a.grant_id and c.host_id = a.borrower_id"
                    + " and c.kind = 'detach-grant' and c.outcome is null) as leaving,"
                    + " (select c.code from commands c where c.grant_id = a.grant_id"
                    + " and c.host_id = a.borrower_id and c.kind = 'detach-grant'"
                    + " and c.outcome is not null order by c.sequence desc limit 1) as refused"
                    + " from adopted_grants a where ended_at is null";

    private final JdbcClient jdbc;
    private final Ledger ledger;
    private final Commands commands;
    private final Events events;
    private final InstantSource clock;

    QuarantineController(
            JdbcClient jdbc, Ledger ledger, Commands commands, Events events, InstantSource clock) {
        this.jdbc = jdbc;
        this.ledger = ledger;
        this.commands = commands;
        this.events = events;
        this.clock = clock;
    }

    /// @param borrowerId the host that has its device, or null where no host has said so
    /// @param leaving whether that host is asked to take the device away
    /// @param refused why it would not the last time, or null
    @JsonInclude(JsonInclude.Include.NON_NULL)
    record Quarantined(
            UUID grantId,
            @Nullable UUID borrowerId,
            @Nullable UUID vmId,
            long epoch,
            Instant foundAt,
            boolean leaving,
            @Nullable String refused) {}

    @GetMapping("/api/v1/quarantine")
    Page<Quarantined> list(
            @RequestParam(required = false) @Nullable String order,
            @RequestParam(required = false) @Nullable Integer pageSize,
            @RequestParam(required = false) @Nullable String pageToken) {
        PageQuery query = PageQuery.of(pageSize, pageToken);
        return Page.of(
                query,
                Rows.of(
                        new ListQuery(SELECT, "grant_id", order)
                                .rows(jdbc, query.afterIdOrNull(), query.limit())
                                .query(QuarantineController::row)),
                held -> held.grantId().toString(),
                held -> held);
    }

    @GetMapping("/api/v1/quarantine/{id}")
    Quarantined get(@PathVariable UUID id) {
        return jdbc.sql(SELECT + " and grant_id = ?")
                .param(id)
                .query(QuarantineController::row)
                .optional()
                .orElseThrow(() -> Problem.notFound("grant", id));
    }

    /// Ends one. Where a host has its device, that host is asked to take it away as with any grant:
    /// after the guest has swapped off. Where none has said so, the caller vouches that no VM has it.
    @DeleteMapping("/api/v1/quarantine/{id}")
    @ResponseStatus(HttpStatus.ACCEPTED)
    Quarantined end(@PathVariable UUID id, @RequestParam(defaultValue = "false") boolean vouched) {
        return ledger.change(
                () -> {
                    Quarantined held = get(id);
                    UUID borrower = held.borrowerId();
                    UUID vm = held.vmId();
                    if (borrower == null || vm == null) {
                        endUnlocated(id, vouched);
                        return held;
                    }
                    if (!held.leaving()) {
                        commands.send(
                                borrower, new DetachGrant(UUID.randomUUID(), id, held.epoch(), vm));
                    }
                    return get(id);
                });
    }

    private void endUnlocated(UUID id, boolean vouched) {
        if (!vouched) {
            throw new Problem(
                    ProblemCode.GRANT_DEVICE_UNKNOWN,
                    "No host has said that it has the device; vouch that no VM has it.");
        }
        jdbc.sql("update adopted_grants set ended_at = ? where grant_id = ? and ended_at is null")
                .params(Timestamp.from(clock.instant()), id)
                .update();
        events.add(
                NewEvent.of(
                        "adopted_grant_ended",
                        "An operator vouches that no VM has the device of grant " + id + "."));
    }

    private static Quarantined row(ResultSet row, int number) throws SQLException {
        return new Quarantined(
                row.getObject("grant_id", UUID.class),
                row.getObject("borrower_id", UUID.class),
                row.getObject("vm_id", UUID.class),
                row.getLong("epoch"),
                row.getTimestamp("found_at").toInstant(),
                row.getBoolean("leaving"),
                row.getString("refused"));
    }
}
