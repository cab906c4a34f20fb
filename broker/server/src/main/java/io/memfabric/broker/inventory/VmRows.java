package io.memfabric.broker.inventory;

import io.memfabric.contract.agent.VmReport;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.Stream;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/// The VMs of a host as a set: read, written and deleted in one statement each.
@Component
class VmRows {

    private final JdbcClient jdbc;

    VmRows(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /// The VMs that the ledger has on this host, and those with these ids wherever they are.
    Map<UUID, VmRow> of(UUID hostId, Stream<UUID> ids) {
        Map<UUID, VmRow> rows = new HashMap<>();
        jdbc.sql(
                        "select id, host_id, name, state, max_bytes, guest_daemon from vms"
                                + " where host_id = ? or id = any(?)")
                .params(hostId, ids.toArray(UUID[]::new))
                .query(
                        (row, _) ->
                                new VmRow(
                                        row.getObject(1, UUID.class),
                                        row.getObject(2, UUID.class),
                                        row.getString(3),
                                        VmReport.State.valueOf(row.getString(4)),
                                        row.getLong(5),
                                        row.getBoolean(6)))
                .list()
                .forEach(row -> rows.put(row.id(), row));
        return rows;
    }

    Optional<VmRow> find(UUID id) {
        return jdbc.sql(
                        "select id, host_id, name, state, max_bytes, guest_daemon from vms"
                                + " where id = ?")
                .param(id)
                .query(VmRow.class)
                .optional();
    }

    /// Adds these, or writes them over what there is of them.
    void write(List<VmRow> rows, Instant now) {
        if (rows.isEmpty()) {
            return;
        }
        jdbc.sql(
                        """
                        insert into vms (id, host_id, name, state, max_bytes, guest_daemon,
                            updated_at)
                        select id, host_id, name, state, max_bytes, guest_daemon, :now
                        from unnest(:ids::uuid[], :hosts::uuid[], :names::text[], :states::text[],
                            :sizes::bigint[], :daemons::boolean[])
                            v(id, host_id, name, state, max_bytes, guest_daemon)
                        order by id
                        on conflict (id) do update set host_id = excluded.host_id,
                            name = excluded.name, state = excluded.state,
                            max_bytes = excluded.max_bytes, guest_daemon = excluded.guest_daemon,
                            updated_at = excluded.updated_at
                        """)
                .param("now", Timestamp.from(now))
                .param("ids", rows.stream().map(VmRow::id).toArray(UUID[]::new))
                .param("hosts", rows.stream().map(VmRow::hostId).toArray(UUID[]::new))
                .param("names", rows.stream().map(VmRow::name).toArray(String[]::new))
                .param(
                        "states",
                        rows.stream().map(row -> row.state().name()).toArray(String[]::new))
                .param("sizes", rows.stream().map(VmRow::maxBytes).toArray(Long[]::new))
                .param("daemons", rows.stream().map(VmRow::guestDaemon).toArray(Boolean[]::new))
                .update();
    }

    void delete(Collection<UUID> ids) {
        if (!ids.isEmpty()) {
            jdbc.sql("delete from vms where id = any(?)").param(ids.toArray(UUID[]::new)).update();
        }
    }
}
