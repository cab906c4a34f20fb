package io.memfabric.broker.database;

import io.memfabric.broker.settings.BrokerSettings;
import java.lang.System.Logger.Level;
import java.time.InstantSource;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.CannotCreateTransactionException;

/// Work that one broker does for all that share a ledger. A duty is a lease of ten seconds by the
/// database's clock, under a term that rises with every new holder. A broker that was paused finds
/// its term overtaken in the transaction of whatever it was about to do.
@Service
public class Duties {

    private static final System.Logger LOG = System.getLogger(Duties.class.getName());

    private final JdbcClient jdbc;
    private final Ledger ledger;
    private final InstantSource clock;
    private final UUID brokerId = UUID.randomUUID();
    private final ConcurrentHashMap<String, Long> terms = new ConcurrentHashMap<>();

    /// A broker alone with its database has every duty.
    private final boolean alone;

    Duties(JdbcClient jdbc, Ledger ledger, InstantSource clock, BrokerSettings settings) {
        this.jdbc = jdbc;
        this.ledger = ledger;
        this.clock = clock;
        this.alone = !settings.isLedgerShared();
    }

    /// Another broker has taken the duty over.
    public static final class Overtaken extends RuntimeException {
        private static final long serialVersionUID = 1;

        Overtaken(String name) {
            super("another broker does " + name + " now");
        }
    }

    /// Who this process is to the others; another after every start.
    public UUID brokerId() {
        return brokerId;
    }

    /// A term above every earlier one, even of a ledger that lost commits: milliseconds since 1970.
    public long freshTerm() {
        return clock.millis();
    }

    /// Takes or renews a duty, and answers whether this broker has it. Without the ledger it has none.
    public boolean take(String name) {
        if (alone) {
            return true;
        }
        Optional<Long> term = Optional.empty();
        try {
            term = ledger.change(() -> lease(name));
        } catch (DataAccessException | CannotCreateTransactionException e) {
            LOG.log(Level.WARNING, "the duty {0} cannot be taken now: {1}", name, e.toString());
        }
        term.ifPresentOrElse(held -> terms.put(name, held), () -> terms.remove(name));
        return term.isPresent();
    }

    private Optional<Long> lease(String name) {
        return jdbc.sql(
                        "insert into duties as d (name, broker_id, term, expires_at)"
                                + " values (:name, :me, :fresh, now() + interval '10 s')"
                                + " on conflict (name) do update set term ="
                                + " case when d.broker_id = :me and d.expires_at > now() then d.term"
                                + " else greatest(d.term + 1, :fresh) end,"
                                + " broker_id = :me, expires_at = now() + interval '10 s'"
                                + " where d.broker_id = :me or d.expires_at < now()"
                                + " returning term")
                .param("name", name)
                .param("me", brokerId)
                .param("fresh", freshTerm())
                .query(Long.class)
                .optional();
    }

    /// Holds the duty until the transaction at hand ends: nobody takes it over before.
    ///
    /// @throws Overtaken where somebody has
    public void hold(String name) {
        boolean ours =
                alone
                        || jdbc.sql(
                                        "select term from duties where name = ? and broker_id = ?"
                                                + " and term = ? for share")
                                .params(name, brokerId, terms.getOrDefault(name, 0L))
                                .query(Long.class)
                                .optional()
                                .isPresent();
        if (!ours) {
            throw new Overtaken(name);
        }
    }
}
