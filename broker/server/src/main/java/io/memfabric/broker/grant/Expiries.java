package io.memfabric.broker.grant;

import io.memfabric.broker.database.Duties;
import io.memfabric.broker.database.Ledger;
import io.memfabric.broker.database.Rows;
import io.memfabric.broker.event.Events;
import io.memfabric.broker.event.NewEvent;
import io.memfabric.broker.web.Problem;
import io.memfabric.broker.web.ProblemCode;
import io.memfabric.contract.vocabulary.AttachMode;
import java.lang.System.Logger.Level;
import java.sql.Timestamp;
import java.sql.Types;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;
import org.springframework.transaction.CannotCreateTransactionException;

/// Until when grants are wanted. This is for billing and for cleaning up after whoever forgot them,
/// and no licence to take anything away: a grant on which a guest swaps is released as by a caller, so
/// that the guest swaps off first or keeps it; a raw disk, whose pages nobody else has, is only told of.
@Component
class Expiries {

    private static final System.Logger LOG = System.getLogger(Expiries.class.getName());

    private static final String DUTY = "expiries";

    /// How many grants are looked at in a second.
    private static final int PAGE = 100;

    /// How soon a guest is asked again that could not do without.
    private static final Duration AGAIN = Duration.ofMinutes(10);

    private static final Duration LONGEST = Duration.ofDays(3_660);

    private final JdbcClient jdbc;
    private final GrantRepository grants;
    private final Resizing resizing;
    private final Events events;
    private final Ledger ledger;
    private final Duties duties;
    private final InstantSource clock;

    Expiries(
            JdbcClient jdbc,
            GrantRepository grants,
            Resizing resizing,
            Events events,
            Ledger ledger,
            Duties duties,
            InstantSource clock) {
        this.jdbc = jdbc;
        this.grants = grants;
        this.resizing = resizing;
        this.events = events;
        this.ledger = ledger;
        this.duties = duties;
        this.clock = clock;
    }

    /// Refuses an end that cannot be meant.
    ///
    /// @throws Problem `invalid_expiry`
    void check(@Nullable Instant expiresAt) {
        Instant now = clock.instant();
        if (expiresAt != null
                && (!expiresAt.isAfter(now) || expiresAt.isAfter(now.plus(LONGEST)))) {
            throw new Problem(
                    ProblemCode.INVALID_EXPIRY,
                    "expiresAt must lie in the future, and no more than ten years ahead.");
        }
    }

    /// Sets until when a grant is wanted, in the transaction at hand; null means until it is released.
    void set(UUID grantId, @Nullable Instant expiresAt) {
        if (expiresAt == null) {
            jdbc.sql("delete from grant_expiries where grant_id = ?").param(grantId).update();
            return;
        }
        jdbc.sql(
                        "insert into grant_expiries (grant_id, expires_at, look_at)"
                                + " values (:grant, :at, :at) on conflict (grant_id)"
                                + " do update set expires_at = :at, look_at = :at")
                .param("grant", grantId)
                .param("at", Timestamp.from(expiresAt))
                .update();
    }

    /// Sets until when a live grant is wanted, in the transaction at hand, under the grant's row lock.
    void renew(GrantEntity grant, @Nullable Instant expiresAt) {
        if (grant.partOf().isPresent()) {
            throw new Problem(
                    ProblemCode.GRANT_IS_PART, "It is a device of " + grant.partOf().get() + ".");
        }
        if (!grant.holds()) {
            throw new Problem(
                    ProblemCode.GRANT_NOT_LIVE,
                    "The grant is " + grant.state() + " and holds nothing.");
        }
        set(grant.id(), expiresAt);
        grant.touch(clock.instant());
    }

    private record Expiry(UUID grantId, Instant expiresAt) {}

    /// Until when these grants are wanted; nothing for those that have no end.
    Map<UUID, Instant> of(Collection<UUID> grantIds) {
        return Rows.of(
                        jdbc.sql(
                                        "select grant_id, expires_at from grant_expiries"
                                                + " where grant_id = any(?)")
                                .param(grantIds.toArray(UUID[]::new))
                                .query(Expiry.class))
                .stream()
                .collect(Collectors.toMap(Expiry::grantId, Expiry::expiresAt));
    }

    @Scheduled(fixedDelayString = "PT1S")
    synchronized void look() {
        if (!duties.take(DUTY)) {
            return;
        }
        Instant now = clock.instant();
        try {
            for (UUID id : due(now)) {
                try {
                    ledger.run(() -> expire(id, now));
                } catch (Problem e) {
                    LOG.log(
                            Level.WARNING,
                            "grant {0} has expired and stays: {1}",
                            id,
                            e.toString());
                    ledger.run(() -> lookAgain(id, now.plus(AGAIN)));
                }
            }
        } catch (DataAccessException | CannotCreateTransactionException | Duties.Overtaken e) {
            LOG.log(Level.WARNING, "expired grants are looked at later: {0}", e.toString());
        }
    }

    private List<UUID> due(Instant now) {
        return Rows.of(
                jdbc.sql(
                                "select grant_id from grant_expiries where look_at <= ?"
                                        + " order by look_at limit ?")
                        .params(Timestamp.from(now), PAGE)
                        .query(UUID.class));
    }

    private void expire(UUID id, Instant now) {
        duties.hold(DUTY);
        GrantEntity grant = grants.lock(id).orElseThrow();
        Optional<Boolean> again = isAgain(id, now);
        if (again.isEmpty()) {
            return; // It was renewed a moment ago.
        }
        boolean swaps = grant.attachMode() == AttachMode.SWAP;
        if (!again.get() && grant.holds()) {
            events.add(
                    NewEvent.of(
                                    "grant_expired",
                                    swaps
                                            ? "Nobody wants it any more; it goes when its guest has"
                                                    + " swapped off."
                                            : "Nobody wants it any more; it stays until it is released,"
                                                    + " since it may have the only copy of something.")
                            .grant(id, grant.vmId())
                            .host(grant.borrowerId()));
        }
        boolean leaves = grant.holds() && swaps;
        if (leaves && !grant.isInQuarantine()) {
            resizing.release(id);
        }
        lookAgain(id, leaves ? now.plus(AGAIN) : null);
    }

    /// Whether a grant that is due was looked at before; nothing where it is not due.
    private Optional<Boolean> isAgain(UUID id, Instant now) {
        return jdbc.sql(
                        "select look_at > expires_at from grant_expiries"
                                + " where grant_id = ? and look_at <= ?")
                .params(id, Timestamp.from(now))
                .query(Boolean.class)
                .optional();
    }

    private void lookAgain(UUID id, @Nullable Instant at) {
        jdbc.sql("update grant_expiries set look_at = :at where grant_id = :grant")
                .param("at", at == null ? null : Timestamp.from(at), Types.TIMESTAMP)
                .param("grant", id)
                .update();
    }
}
