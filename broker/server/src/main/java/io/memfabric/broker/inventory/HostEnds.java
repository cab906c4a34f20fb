package io.memfabric.broker.inventory;

import io.memfabric.broker.access.Access;
import io.memfabric.broker.certificate.Revocations;
import io.memfabric.broker.database.Duties;
import io.memfabric.broker.database.Ledger;
import io.memfabric.broker.database.Rows;
import io.memfabric.broker.event.Events;
import io.memfabric.broker.event.NewEvent;
import io.memfabric.broker.settings.BrokerSettings;
import io.memfabric.broker.web.Problem;
import io.memfabric.broker.web.ProblemCode;
import java.lang.System.Logger.Level;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/// Hosts that are lost, and hosts that are taken out of the fabric.
///
/// The loss of a host is a word of the ledger alone: what it lent counts for nothing, and mirrored
/// grants get other copies. The host may be there all the same and serve borrowers that reach it;
/// nothing is taken from them. When it is heard again it says what it holds before anything is
/// claimed there, and what a device still uses is fenced only when no device uses it.
@Component
class HostEnds {

    private static final System.Logger LOG = System.getLogger(HostEnds.class.getName());

    private static final String DUTY = "lost";

    /// Who has not looked for so long was paused.
    private static final Duration PAUSED = Duration.ofSeconds(15);

    private final HostRepository hosts;
    private final Presence presence;
    private final HostLimits limits;
    private final Access access;
    private final Revocations revocations;
    private final Duties duties;
    private final JdbcClient jdbc;
    private final Ledger ledger;
    private final Events events;
    private final ApplicationEventPublisher publisher;
    private final Duration lostAfter;
    private final InstantSource clock;
    private long listensSince = System.nanoTime();
    private long listenedAt = listensSince;

    HostEnds(
            HostRepository hosts,
            Presence presence,
            HostLimits limits,
            Access access,
            Revocations revocations,
            Duties duties,
            JdbcClient jdbc,
            Ledger ledger,
            Events events,
            ApplicationEventPublisher publisher,
            BrokerSettings settings,
            InstantSource clock) {
        this.hosts = hosts;
        this.presence = presence;
        this.limits = limits;
        this.access = access;
        this.revocations = revocations;
        this.duties = duties;
        this.jdbc = jdbc;
        this.ledger = ledger;
        this.events = events;
        this.publisher = publisher;
        this.lostAfter = settings.hostLostAfter();
        this.clock = clock;
    }

    /// Declares a silent host lost; says more of one that is.
    void declareLost(UUID id, boolean poweredOff) {
        HostRow host =
                hosts.findById(id)
                        .map(HostEntity::row)
                        .orElseThrow(() -> Problem.notFound("host", id));
        if (presence.isReachable(id)) {
            throw new Problem(
                    ProblemCode.HOST_REACHABLE,
                    "The host is heard: drain it, so that nobody loses a copy.");
        }
        ledger.run(() -> markLost(host, poweredOff));
        settle();
    }

    private void markLost(HostRow host, boolean poweredOff) {
        int marked =
                jdbc.sql(
                                "update hosts set lost_at = coalesce(lost_at, ?),"
                                        + " powered_off = powered_off or ?, loss_settled = false,"
                                        + " revision = revision + 1 where id = ?"
                                        + " and (lost_at is null or (? and not powered_off))")
                        .params(Timestamp.from(clock.instant()), poweredOff, host.id(), poweredOff)
                        .update();
        if (marked == 1) {
            events.add(
                    NewEvent.of(
                                    "host_lost",
                                    "Host "
                                            + host.name()
                                            + " is lost"
                                            + (poweredOff ? " and surely off." : "."))
                            .host(host.id()));
        }
    }

    private record Unsettled(UUID id, @Nullable UUID bootId, boolean poweredOff) {}

    private List<Unsettled> unsettled() {
        return Rows.of(
                jdbc.sql("select id, boot_id, powered_off from hosts where not loss_settled")
                        .query(Unsettled.class));
    }

    /// Does what follows from losses, again where it was interrupted.
    @Scheduled(fixedDelayString = "PT1S")
    synchronized void settle() {
        for (Unsettled host : unsettled()) {
            try {
                publisher.publishEvent(new HostLost(host.id(), host.bootId(), host.poweredOff()));
                ledger.run(() -> forgetTable(host));
            } catch (RuntimeException e) {
                LOG.log(Level.WARNING, "the loss of host " + host.id() + " is not settled yet", e);
            }
        }
    }

    /// A host that was heard meanwhile is not lost any more, and keeps its table.
    private void forgetTable(Unsettled host) {
        int settled =
                jdbc.sql(
                                "update hosts set loss_settled = true, boot_id = null,"
                                        + " spill_boot_id = null"
                                        + " where id = ? and not loss_settled"
                                        + " and boot_id is not distinct from ?")
                        .param(host.id())
                        .param(host.bootId())
                        .update();
        limits.changed(host.id());
        if (settled == 1) {
            jdbc.sql("delete from regions where host_id = ?").param(host.id()).update();
        }
    }

    /// Declares hosts lost that were silent for as long as the settings say, if they say anything.
    @Scheduled(fixedDelayString = "PT5S")
    synchronized void lookForLost() {
        if (lostAfter.isZero() || listened().compareTo(lostAfter) <= 0 || !duties.take(DUTY)) {
            return;
        }
        hosts.findAll().stream()
                .map(HostEntity::row)
                .filter(host -> host.lostAt() == null && host.bootId() != null)
                .filter(host -> presence.silence(host.id()).compareTo(lostAfter) > 0)
                .forEach(
                        host ->
                                ledger.run(
                                        () -> {
                                            duties.hold(DUTY);
                                            markLost(host, false);
                                        }));
    }

    /// For how long this broker has listened without being paused itself: a silence that was its own
    /// says nothing of hosts.
    private Duration listened() {
        long now = System.nanoTime();
        if (now - listenedAt > PAUSED.toNanos()) {
            listensSince = now;
        }
        listenedAt = now;
        return Duration.ofNanos(now - listensSince);
    }

    /// Takes a host out of the fabric that is drained or lost, and of which nobody has anything.
    void remove(UUID id) {
        ledger.run(
                () -> {
                    HostRow host =
                            hosts.lock(id)
                                    .map(HostEntity::row)
                                    .orElseThrow(() -> Problem.notFound("host", id));
                    if (host.scheduling() != Scheduling.DRAINED && host.lostAt() == null) {
                        throw new Problem(
                                ProblemCode.HOST_NOT_DRAINED,
                                "Only a host that is drained or lost is removed.");
                    }
                    String use = use(id);
                    if (use != null) {
                        throw new Problem(ProblemCode.HOST_IN_USE, "The host still " + use + ".");
                    }
                    takeOut(host);
                });
        presence.forget(id);
    }

    /// What somebody has of a host, or null.
    private @Nullable String use(UUID id) {
        if (any("select 1 from regions where host_id = ? and state <> 'FREE'", id)
                || any(
                        "select 1 from lenders where host_id = ?"
                                + " and state not in ('FENCED', 'LOST', 'GONE')",
                        id)) {
            return "lends regions";
        }
        if (any(
                "select 1 from legs l join grants g on g.id = l.grant_id where l.host_id = ?"
                        + " and l.use = 'HELD' and g.device <> 'ABSENT'",
                id)) {
            return "is where a grant had a copy, for which there is no other yet";
        }
        if (any(
                "select 1 from grants where borrower_id = ? and (device <> 'ABSENT'"
                        + " or state not in ('RELEASED', 'FAILED'))",
                id)) {
            return "has VMs with grants";
        }
        return null;
    }

    private boolean any(String query, UUID id) {
        return jdbc.sql("select exists (" + query + ")").param(id).query(Boolean.class).single();
    }

    private void takeOut(HostRow host) {
        UUID id = host.id();
        Timestamp now = Timestamp.from(clock.instant());
        jdbc.sql("delete from regions where host_id = ?").param(id).update();
        access.endAgentToken(id);
        revocations.revokeAll(id);
        jdbc.sql("delete from vms where host_id = ?").param(id).update();
        jdbc.sql(
                        "update commands set outcome = 'VOID', answered_at = ?"
                                + " where host_id = ? and outcome is null")
                .params(now, id)
                .update();
        jdbc.sql(
                        "update recalls set state = 'ENDED', done_at = coalesce(done_at, ?)"
                                + " where host_id = ? and state <> 'ENDED'")
                .params(now, id)
                .update();
        jdbc.sql(
                        "update hosts set removed_at = ?, boot_id = null, spill_boot_id = null,"
                                + " keep_regions = null,"
                                + " scheduling = 'OPEN', lost_at = null, powered_off = false,"
                                + " loss_settled = true, revision = revision + 1 where id = ?")
                .params(now, id)
                .update();
        limits.changed(id);
        events.add(
                NewEvent.of("host_removed", "Host " + host.name() + " is out of the fabric.")
                        .host(id));
    }
}
