package io.memfabric.broker.command;

import io.memfabric.broker.database.Bells;
import io.memfabric.broker.database.Duties;
import io.memfabric.broker.database.Rows;
import io.memfabric.broker.recovery.Recovery;
import io.memfabric.broker.web.Problem;
import io.memfabric.broker.web.ProblemCode;
import io.memfabric.contract.agent.AgentCommand;
import io.memfabric.contract.agent.AttachGrant;
import io.memfabric.contract.agent.CommandBatch;
import io.memfabric.contract.agent.CommandResult;
import io.memfabric.contract.agent.DetachGrant;
import io.memfabric.contract.agent.DropLegs;
import io.memfabric.contract.agent.FenceRegions;
import io.memfabric.contract.agent.PrepareRegions;
import io.memfabric.contract.agent.ReplaceLegs;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import tools.jackson.databind.json.JsonMapper;

/// The outbox. A command is written with the change that wants it and stays until its host has
/// answered it; the host asks for its commands, so nothing is lost while either side is down.
///
/// A host's commands are numbered by its command revision. The number is taken under the host's row
/// lock, which is held until commit: numbers become visible in their order.
@Service
public class Commands {

    private static final int BATCH = 64;
    private static final long LARGEST_LEAP = 1_000_000;
    private static final int LONGEST_DETAIL = 2000;

    private final JdbcClient jdbc;
    private final JsonMapper json;
    private final Bells bells;
    private final InstantSource clock;
    private final Recovery recovery;
    private final Duties duties;
    private final ApplicationEventPublisher publisher;

    Commands(
            JdbcClient jdbc,
            JsonMapper json,
            Bells bells,
            InstantSource clock,
            Recovery recovery,
            Duties duties,
            ApplicationEventPublisher publisher) {
        this.jdbc = jdbc;
        this.json = json;
        this.bells = bells;
        this.clock = clock;
        this.recovery = recovery;
        this.duties = duties;
        this.publisher = publisher;
    }

    private record Bell(UUID hostId) {}

    /// Sends a command to a host, in the transaction at hand.
    public void send(UUID hostId, AgentCommand command) {
        send(Map.of(hostId, command));
    }

    /// Sends one command to each of these hosts, in the transaction at hand.
    public void send(Map<UUID, AgentCommand> byHost) {
        List<UUID> hosts = List.copyOf(byHost.keySet());
        List<AgentCommand> commands = List.copyOf(byHost.values());
        hosts.forEach(host -> bells.ringAfterCommit(new Bell(host)));
        int sent =
                jdbc.sql(
                                """
                                with numbered as (
                                    update hosts set command_revision = command_revision + 1
                                    where id = any(:hosts) returning id, command_revision)
                                insert into commands (id, host_id, sequence, grant_id, kind, body,
                                    created_at)
                                select c.id, c.host, n.command_revision, c.grant_id, c.kind,
                                    c.body::jsonb, :now
                                from unnest(:ids, :hosts, :grants, :kinds, :bodies)
                                    as c (id, host, grant_id, kind, body)
                                join numbered n on n.id = c.host
                                """)
                        .param("hosts", hosts.toArray(UUID[]::new))
                        .param("ids", Rows.column(commands, AgentCommand::commandId, UUID[]::new))
                        .param("grants", Rows.column(commands, AgentCommand::grantId, UUID[]::new))
                        .param("kinds", Rows.column(commands, Commands::kind, String[]::new))
                        .param(
                                "bodies",
                                Rows.column(commands, json::writeValueAsString, String[]::new))
                        .param("now", Timestamp.from(clock.instant()))
                        .update();
        if (sent != hosts.size()) {
            throw new IllegalStateException("not all of the hosts " + hosts + " are there");
        }
    }

    /// Whether a command of this kind about a grant awaits the host's answer.
    public boolean isAsked(UUID hostId, UUID grantId, Class<? extends AgentCommand> kind) {
        return jdbc.sql(
                        "select exists (select 1 from commands where host_id = ? and grant_id = ?"
                                + " and kind = ? and outcome is null)")
                .params(hostId, grantId, kind(kind))
                .query(Boolean.class)
                .single();
    }

    /// Withdraws what a lender was asked about a grant in a region table that is gone. In the
    /// transaction at hand.
    public void withdrawFromTable(UUID hostId, UUID bootId, UUID grantId) {
        jdbc.sql(
                        "update commands set outcome = 'VOID', answered_at = ?"
                                + " where host_id = ? and grant_id = ? and outcome is null"
                                + " and kind in ('prepare-regions', 'fence-regions')"
                                + " and body #>> '{regions,0,bootId}' = ?")
                .params(Timestamp.from(clock.instant()), hostId, grantId, bootId.toString())
                .update();
    }

    /// Withdraws what a host was asked about a grant. In the transaction at hand.
    public void withdraw(UUID hostId, UUID grantId) {
        jdbc.sql(
                        "update commands set outcome = 'VOID', answered_at = ?"
                                + " where host_id = ? and grant_id = ? and outcome is null")
                .params(Timestamp.from(clock.instant()), hostId, grantId)
                .update();
    }

    /// Whether a host refused a command of this kind about a grant after this time.
    public boolean wasRefused(
            UUID hostId, UUID grantId, Class<? extends AgentCommand> kind, Instant after) {
        return jdbc.sql(
                        "select exists (select 1 from commands where host_id = ? and grant_id = ?"
                                + " and kind = ? and outcome = 'REFUSED' and answered_at > ?)")
                .params(hostId, grantId, kind(kind), Timestamp.from(after))
                .query(Boolean.class)
                .single();
    }

    /// The unanswered commands of a host, as soon as its revision is another than the one it knows.
    CommandBatch poll(UUID hostId, long knownRevision, Duration wait) {
        if (knownRevision > revision(hostId)) {
            catchUp(hostId, knownRevision);
        }
        return bells.await(
                        new Bell(hostId),
                        wait,
                        () ->
                                Optional.of(revision(hostId))
                                        .filter(revision -> revision != knownRevision))
                .map(revision -> new CommandBatch(revision, term(hostId), unanswered(hostId)))
                .orElseGet(() -> new CommandBatch(knownRevision, term(hostId), unanswered(hostId)));
    }

    /// A host knows of commands that the ledger does not: the ledger has lost commits. Its revision
    /// goes on from the host's, by a bounded step, so that no host can use the numbers up.
    private void catchUp(UUID hostId, long knownRevision) {
        if (knownRevision - revision(hostId) > LARGEST_LEAP) {
            throw new Problem(
                    ProblemCode.REVISION_OUT_OF_RANGE,
                    "The revision is further ahead than a ledger can have lost.");
        }
        recovery.begin(
                "Host %s knows command revision %d, the ledger an older one."
                        .formatted(hostId, knownRevision));
        jdbc.sql(
                        "update hosts set command_revision = greatest(command_revision, ? + 1)"
                                + " where id = ?")
                .params(knownRevision, hostId)
                .update();
    }

    /// Records a result, once; in the transaction at hand. A result that comes again changes
    /// nothing.
    void answer(UUID hostId, CommandResult result) {
        Waiting waiting =
                jdbc.sql(
                                "select body::text as body, outcome from commands"
                                        + " where id = ? and host_id = ? for update")
                        .params(result.commandId(), hostId)
                        .query(Waiting.class)
                        .optional()
                        .orElseThrow(() -> Problem.notFound("command", result.commandId()));
        if (waiting.outcome() != null) {
            return;
        }
        jdbc.sql(
                        "update commands set outcome = ?, answered_at = ?, code = ?, detail = ?"
                                + " where id = ?")
                .param(result.outcome().name())
                .param(Timestamp.from(clock.instant()))
                .param(result.code())
                .param(shortened(result.detail()))
                .param(result.commandId())
                .update();
        if (unansweredCount(hostId) >= BATCH) {
            raiseRevision(hostId);
        }
        publisher.publishEvent(
                new CommandAnswered(
                        hostId, json.readValue(waiting.body(), AgentCommand.class), result));
    }

    private record Waiting(String body, @Nullable String outcome) {}

    private void raiseRevision(UUID hostId) {
        bells.ringAfterCommit(new Bell(hostId));
        jdbc.sql("update hosts set command_revision = command_revision + 1 where id = ?")
                .param(hostId)
                .update();
    }

    /// The term under which this broker serves the host, or 0 where it does not, or not yet.
    private long term(UUID hostId) {
        return jdbc.sql("select term from presences where host_id = ? and broker_id = ?")
                .params(hostId, duties.brokerId())
                .query(Long.class)
                .optional()
                .orElse(0L);
    }

    private long revision(UUID hostId) {
        return jdbc.sql("select command_revision from hosts where id = ?")
                .param(hostId)
                .query(Long.class)
                .single();
    }

    private List<AgentCommand> unanswered(UUID hostId) {
        return jdbc
                .sql(
                        "select body::text from commands where host_id = ? and outcome is null"
                                + " order by sequence limit ?")
                .params(hostId, BATCH)
                .query(String.class)
                .list()
                .stream()
                .map(body -> json.readValue(body, AgentCommand.class))
                .toList();
    }

    private int unansweredCount(UUID hostId) {
        return jdbc.sql("select count(*) from commands where host_id = ? and outcome is null")
                .param(hostId)
                .query(Integer.class)
                .single();
    }

    private static @Nullable String shortened(@Nullable String detail) {
        return detail == null || detail.length() <= LONGEST_DETAIL
                ? detail
                : detail.substring(0, LONGEST_DETAIL);
    }

    private static String kind(AgentCommand command) {
        return kind(command.getClass());
    }

    private static String kind(Class<? extends AgentCommand> kind) {
        if (kind == PrepareRegions.class) {
            return "prepare-regions";
        }
        if (kind == FenceRegions.class) {
            return "fence-regions";
        }
        if (kind == AttachGrant.class) {
            return "attach-grant";
        }
        if (kind == ReplaceLegs.class) {
            return "replace-legs";
        }
        if (kind == DropLegs.class) {
            return "drop-legs";
        }
        if (kind == DetachGrant.class) {
            return "detach-grant";
        }
        throw new IllegalArgumentException("no command: " + kind);
    }
}
