package io.memfabric.broker.audit;

import jakarta.persistence.EntityManager;
import java.sql.Timestamp;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Service;
import org.springframework.transaction.support.TransactionSynchronization;
import org.springframework.transaction.support.TransactionSynchronizationManager;
import org.springframework.web.context.request.RequestAttributes;
import org.springframework.web.context.request.RequestContextHolder;

/// Writes the audit trail. An entry is written in the transaction of the change that it tells of,
/// last, like events and under the same lock, so that neither is there without the other.
@Service
public class Audit {

    /// The request attribute that names who calls.
    public static final String ACTOR = "io.memfabric.broker.actor";

    /// The request attribute that names the address that calls.
    public static final String SOURCE = "io.memfabric.broker.source";

    private static final String BROKER = "broker";
    private static final int LONGEST_NAME = 300;
    private static final int LONGEST_DETAIL = 2000;

    private final JdbcClient jdbc;
    private final EntityManager entities;
    private final InstantSource clock;

    Audit(JdbcClient jdbc, EntityManager entities, InstantSource clock) {
        this.jdbc = jdbc;
        this.entities = entities;
        this.clock = clock;
    }

    /// Something that was done or refused.
    ///
    /// @param action a stable snake_case name
    /// @param object what it was done to, such as `grant/018f…`
    /// @param detail one sentence; never a secret
    public record Entry(
            String action, @Nullable String object, @Nullable UUID tenantId, String detail) {}

    /// Adds an entry to the transaction at hand, in the name of whoever the request at hand is from.
    public void add(Entry entry) {
        pending().rows.add(row(entry));
    }

    /// An entry for whoever writes it himself, in the name of whoever the request at hand is from.
    public static Row row(Entry entry) {
        String actor = attribute(ACTOR);
        return new Row(entry, actor == null ? BROKER : actor, attribute(SOURCE));
    }

    /// Adds an entry in somebody's name, where no request names him.
    public void add(Entry entry, String actor, @Nullable String source) {
        pending().rows.add(new Row(entry, actor, source));
    }

    /// An entry and in whose name it is.
    public record Row(Entry entry, String actor, @Nullable String source) {

        public Row {
            actor = cut(actor, LONGEST_NAME);
            entry =
                    new Entry(
                            entry.action(),
                            entry.object() == null ? null : cut(entry.object(), LONGEST_NAME),
                            entry.tenantId(),
                            cut(entry.detail(), LONGEST_DETAIL));
        }
    }

    private static @Nullable String attribute(String name) {
        RequestAttributes request = RequestContextHolder.getRequestAttributes();
        return request == null
                ? null
                : (String) request.getAttribute(name, RequestAttributes.SCOPE_REQUEST);
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
        return pending;
    }

    private void write(Row row) {
        Entry entry = row.entry();
        jdbc.sql(
                        "insert into audit (at, actor, source, tenant_id, action, object, detail)"
                                + " values (?, ?, ?, ?, ?, ?, ?)")
                .param(Timestamp.from(clock.instant()))
                .param(row.actor())
                .param(row.source())
                .param(entry.tenantId())
                .param(entry.action())
                .param(entry.object())
                .param(entry.detail())
                .update();
    }

    private static String cut(String text, int longest) {
        String clean = text.replace("\u0000", "");
        return clean.length() > longest ? clean.substring(0, longest) : clean;
    }

    private final class Pending implements TransactionSynchronization {
        private final List<Row> rows = new ArrayList<>();

        @Override
        public void beforeCommit(boolean readOnly) {
            entities.flush();
            rows.forEach(Audit.this::write);
        }
    }
}
