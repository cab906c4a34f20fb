package io.memfabric.broker.event;

import io.memfabric.broker.database.Bells;
import io.memfabric.broker.database.Rows;
import jakarta.persistence.EntityManager;
import java.sql.Timestamp;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;

/// The record of what happened. Events are written with the change that they tell of, as the last
/// thing before its commit, because their order is a lock that every such change takes.
@Service
public class Events {

    static final String BELL = "events";
    private static final int LONGEST_DETAIL = 2000;

    private final JdbcClient jdbc;
    private final EntityManager entities;
    private final Bells bells;
    private final InstantSource clock;

    Events(JdbcClient jdbc, EntityManager entities, Bells bells, InstantSource clock) {
        this.jdbc = jdbc;
        this.entities = entities;
        this.bells = bells;
        this.clock = clock;
    }

    /// Adds an event to the transaction at hand.
    public void add(NewEvent event) {
        pending().events.add(event);
    }

    List<EventView> after(long id, int limit) {
        return Rows.of(
                jdbc.sql("select * from events where id > ? order by id limit ?")
                        .params(id, limit)
                        .query(EventView.class));
    }

    private Pending pending() {
        for (TransactionSynchronization s :
                TransactionSynchronizationManager.getSynchronizations()) {
            if (s instanceof Pending pending) {
                return pending;
            }
        }
        Pending pending = new Pending();
        TransactionSynchronizationManager.registerSynchronization(pending);
        bells.ringAfterCommit(BELL);
        return pending;
    }

    private void write(NewEvent event) {
        String detail = event.detail();
        jdbc.sql(
                        "insert into events (at, type, host_id, vm_id, grant_id, detail)"
                                + " values (?, ?, ?, ?, ?, ?)")
                .param(Timestamp.from(clock.instant()))
                .param(event.type())
                .param(event.hostId())
                .param(event.vmId())
                .param(event.grantId())
                .param(
                        detail.length() > LONGEST_DETAIL
                                ? detail.substring(0, LONGEST_DETAIL)
                                : detail)
                .update();
    }

    private final class Pending implements TransactionSynchronization {
        private final List<NewEvent> events = new ArrayList<>();

        @Override
        public void beforeCommit(boolean readOnly) {
            entities.flush();
            events.forEach(Events.this::write);
        }
    }
}
