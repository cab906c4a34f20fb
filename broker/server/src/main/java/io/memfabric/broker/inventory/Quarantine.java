package io.memfabric.broker.inventory;

import io.memfabric.broker.database.Ledger;
import io.memfabric.broker.event.Events;
import io.memfabric.broker.event.NewEvent;
import java.lang.System.Logger.Level;
import java.sql.Timestamp;
import java.time.InstantSource;
import java.util.HashSet;
import java.util.Set;
import java.util.UUID;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;
import org.springframework.transaction.CannotCreateTransactionException;

/// Hosts whose identity two agents have at once, as after a machine was cloned. Which of them is the
/// host nobody can tell, so neither lends or borrows anything new, and both are told to touch no
/// balloon. What is lent already stays: silence and doubt destroy nothing. It ends when the host
/// enrolls again, with a new token and certificate.
@Component
class Quarantine {

    private static final System.Logger LOG = System.getLogger(Quarantine.class.getName());

    private final JdbcClient jdbc;
    private final Ledger ledger;
    private final Events events;
    private final InstantSource clock;
    private final Clones clones = new Clones();
    private volatile Set<UUID> hosts = Set.of();

    Quarantine(JdbcClient jdbc, Ledger ledger, Events events, InstantSource clock) {
        this.jdbc = jdbc;
        this.ledger = ledger;
        this.events = events;
        this.clock = clock;
    }

    boolean holds(UUID hostId) {
        return hosts.contains(hostId);
    }

    /// Takes note of who speaks for a host, to this broker or to another.
    void hear(UUID hostId, UUID bootId) {
        if (clones.hear(hostId, bootId) && !holds(hostId)) {
            ledger.run(() -> begin(hostId));
            look();
        }
    }

    private void begin(UUID hostId) {
        String reason = "Two agents with the identity of this host report at once.";
        int begun =
                jdbc.sql(
                                "insert into quarantined_hosts (host_id, reason, since)"
                                        + " values (?, ?, ?) on conflict do nothing")
                        .params(hostId, reason, Timestamp.from(clock.instant()))
                        .update();
        if (begun == 1) {
            LOG.log(Level.WARNING, "host_cloned: host {0}: {1}", hostId, reason);
            events.add(
                    NewEvent.of(
                                    "host_cloned",
                                    reason + " Neither lends nor borrows until it enrolls again.")
                            .host(hostId));
        }
    }

    /// Ends it, in the transaction at hand.
    void end(UUID hostId) {
        jdbc.sql("delete from quarantined_hosts where host_id = ?").param(hostId).update();
        Ledger.afterCommit(() -> release(hostId));
    }

    private synchronized void release(UUID hostId) {
        clones.forget(hostId);
        Set<UUID> rest = new HashSet<>(hosts);
        rest.remove(hostId);
        hosts = Set.copyOf(rest);
    }

    @Scheduled(fixedDelayString = "PT1S")
    synchronized void look() {
        try {
            hosts =
                    Set.copyOf(
                            jdbc.sql("select host_id from quarantined_hosts")
                                    .query(UUID.class)
                                    .list());
        } catch (DataAccessException | CannotCreateTransactionException e) {
            // Who is in quarantine stays there.
            LOG.log(Level.DEBUG, "the quarantine cannot be read now", e);
        }
    }
}
