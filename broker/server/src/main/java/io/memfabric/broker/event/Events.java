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
    private final Bells bells;
    private final InstantSource clock;

    Events(JdbcClient jdbc, EntityManager entities, Bells bells, InstantSource clock) {
        this.jdbc = jdbc;
        this.entities = entities;
        this.bells = bells;
        this.clock = clock;
    }

    /// Adds an event to the transaction at hand, and to the audit trail.
    public void add(NewEvent event) {
        pending()
                .told
                .add(
                        new Told(
                                event,
                                Audit.row(
                                        new Audit.Entry(
                                                event.type(),
                                                object(event),
                                                null,
                                                event.detail()))));
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

    private record Told(NewEvent event, Audit.Row audited) {

        String detail() {
            String detail = event.detail();
            return detail.length() > LONGEST_DETAIL ? detail.substring(0, LONGEST_DETAIL) : detail;
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

    /// Events and their entries in the audit trail, in one statement: whoever else commits a change
    /// waits from here to the commit.
    private void write(List<Told> told) {
        jdbc.sql(
                        """
                        with written as (
                            insert into events (at, type, host_id, vm_id, grant_id, detail)
                            select :now, type, host_id, vm_id, grant_id, detail
                            from unnest(:types, :hosts, :vms, :grants, :details) with ordinality
                                as e (type, host_id, vm_id, grant_id, detail, n)
                            order by n)
                        insert into audit (at, actor, source, action, object, detail)
                        select :now, actor, source, action, object, detail
                        from unnest(:actors, :sources, :types, :objects, :auditedDetails)
                            with ordinality as a (actor, source, action, object, detail, n)
                        order by n
                        """)
                .param("now", Timestamp.from(clock.instant()))
                .param("types", Rows.column(told, t -> t.event().type(), String[]::new))
                .param("hosts", Rows.column(told, t -> t.event().hostId(), UUID[]::new))
                .param("vms", Rows.column(told, t -> t.event().vmId(), UUID[]::new))
                .param("grants", Rows.column(told, t -> t.event().grantId(), UUID[]::new))
                .param("details", Rows.column(told, Told::detail, String[]::new))
                .param("actors", Rows.column(told, t -> t.audited().actor(), String[]::new))
                .param("sources", Rows.column(told, t -> t.audited().source(), String[]::new))
                .param(
                        "objects",
                        Rows.column(told, t -> t.audited().entry().object(), String[]::new))
                .param(
                        "auditedDetails",
                        Rows.column(told, t -> t.audited().entry().detail(), String[]::new))
                .update();
    }

    private final class Pending implements TransactionSynchronization {
        private final List<Told> told = new ArrayList<>();

        @Override
        public void beforeCommit(boolean readOnly) {
            entities.flush();
            write(told);
        }
    }
}
