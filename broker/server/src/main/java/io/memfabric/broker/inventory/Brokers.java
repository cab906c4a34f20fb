package io.memfabric.broker.inventory;

import io.memfabric.broker.database.Duties;
import io.memfabric.broker.settings.BrokerSettings;
import java.lang.System.Logger.Level;
import java.net.URI;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/// The brokers on this ledger: each says every second that it is there. Who has more than its share
/// of the hosts asks some of them to go on to the next; a host that knows no other stays.
@Component
class Brokers {

    private static final System.Logger LOG = System.getLogger(Brokers.class.getName());

    private final JdbcClient jdbc;
    private final Duties duties;
    private final Presence presence;
    private final BrokerSettings settings;

    /// How many hosts are still asked to move in this second.
    private final AtomicInteger toMove = new AtomicInteger();

    Brokers(JdbcClient jdbc, Duties duties, Presence presence, BrokerSettings settings) {
        this.jdbc = jdbc;
        this.duties = duties;
        this.presence = presence;
        this.settings = settings;
    }

    @Scheduled(fixedDelayString = "PT1S")
    void beat() {
        if (!settings.isLedgerShared()) {
            return;
        }
        try {
            count();
        } catch (DataAccessException e) {
            LOG.log(Level.WARNING, "the brokers cannot be counted now: {0}", e.toString());
        }
    }

    private void count() {
        URI address = settings.brokerUrl();
        jdbc.sql(
                        "insert into brokers (id, address, seen_at) values (?, ?, now())"
                                + " on conflict (id) do update set seen_at = now()")
                .param(duties.brokerId())
                .param(address == null ? null : address.toString())
                .update();
        jdbc.sql("delete from brokers where seen_at < now() - interval '1 h'").update();
        int alive =
                jdbc.sql("select count(*) from brokers where seen_at > now() - interval '5 s'")
                        .query(Integer.class)
                        .single();
        int all = Math.toIntExact(presence.recent());
        toMove.set(surplus(Math.toIntExact(presence.oursRecent()), all, alive));
    }

    /// How many of its hosts a broker asks to move in a second: a tenth of what it has too many of.
    /// A small difference is left alone, for two brokers must not play with a host for ever.
    static int surplus(int mine, int all, int alive) {
        int share = Math.ceilDiv(all, Math.max(1, alive));
        int tooMany = mine - share;
        return tooMany <= Math.max(1, share / 10) ? 0 : Math.ceilDiv(tooMany, 10);
    }

    /// Whether the host that reports now is asked to go on.
    boolean moveOn() {
        return toMove.get() > 0 && toMove.getAndDecrement() > 0;
    }

    /// Where the broker is that serves a host, or the host of a VM, if it is another one that was
    /// there lately and says where it is reached.
    Optional<URI> elsewhere(UUID hostOrVm) {
        if (!settings.isLedgerShared()) {
            return Optional.empty();
        }
        return jdbc.sql(
                        "select b.address from presences p join brokers b on b.id = p.broker_id"
                                + " where p.host_id = coalesce("
                                + "(select host_id from vms where id = :id), :id)"
                                + " and b.id <> :me and b.address is not null"
                                + " and b.seen_at > now() - interval '5 s'"
                                + " and p.heard_at > now() - interval '10 s'")
                .param("id", hostOrVm)
                .param("me", duties.brokerId())
                .query(String.class)
                .optional()
                .map(URI::create);
    }
}
