package io.memfabric.broker.event;

import io.memfabric.broker.audit.Audit;
import io.memfabric.broker.database.Bells;
import io.memfabric.broker.database.Rows;
import jakarta.persistence.EntityManager;
import java.sql.Timestamp;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
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
    private final Audit audit;
    private final Bells bells;
    private final InstantSource clock;

    Events(JdbcClient jdbc, EntityManager entities, Audit audit, Bells bells, InstantSource clock) {
        this.jdbc = jdbc;
        this.entities = entities;
        this.audit = audit;
        this.bells = bells;
        this.clock = clock;
    }

    /// Adds an event to the transaction at hand, and to the audit trail.
    public void add(NewEvent event) {
        pending().events.add(event);
        audit.add(new Audit.Entry(event.type(), object(event), null, event.detail()));
    }

    /// The number of the last event that can be seen.
    public long last() {
        return jdbc.sql("select coalesce(max(id), 0) from events").query(Long.class).single();
    }

    /// What came after an event, of one tenant or of all.
    public List<EventView> after(long id, int limit, Optional<UUID> tenantId) {
        return page(new EventFilter(id, false, null, null, null, tenantId), limit);
    }

    /// One page of the events that a filter lets through.
    List<EventView> page(EventFilter filter, int limit) {
        String order = filter.newest() ? "id < :from order by id desc" : "id > :from order by id";
        StringBuilder sql =
                new StringBuilder(
                        "select id, at, type, host_id, vm_id, grant_id, tenant_id, detail"
                                + " from events where ");
        Map<String, UUID> wanted = new LinkedHashMap<>();
        filter.tenantId().ifPresent(id -> wanted.put("tenant_id", id));
        put(wanted, "host_id", filter.hostId());
        put(wanted, "vm_id", filter.vmId());
        put(wanted, "grant_id", filter.grantId());
        wanted.keySet()
                .forEach(
                        column -> sql.append(column).append(" = :").append(column).append(" and "));
        return Rows.of(
                jdbc.sql(sql + order + " limit :limit")
                        .params(wanted)
                        .param("from", filter.from())
                        .param("limit", limit)
                        .query(EventView.class));
    }

    private static void put(Map<String, UUID> wanted, String column, @Nullable UUID id) {
        if (id != null) {
            wanted.put(column, id);
        }
    }

    private static @Nullable String object(NewEvent event) {
        if (event.grantId() != null) {
            return "grant/" + event.grantId();
        }
        if (event.vmId() != null) {
            return "vm/" + event.vmId();
        }
        return event.hostId() == null ? null : "host/" + event.hostId();
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
