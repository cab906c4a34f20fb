package io.memfabric.broker.lending;

import io.memfabric.broker.database.Rows;
import io.memfabric.contract.agent.RegionReport;
import java.util.Collection;
import java.util.List;
import java.util.UUID;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/// Brings the ledger's regions of a host in line with what its lender says.
@Component
class RegionTables {

    private final JdbcClient jdbc;

    RegionTables(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /// What the regions of a table are kept in.
    enum Medium {
        MEMORY,
        DISK
    }

    /// Applies what a host says of a table, in the transaction at hand.
    Reconciliation apply(UUID hostId, UUID bootId, Medium medium, List<RegionReport> regions) {
        Reconciliation changes = Reconciliation.of(rows(hostId, bootId), regions);
        if (!changes.changesNothing()) {
            add(hostId, bootId, medium, changes.added());
            update(hostId, bootId, changes.updated());
            remove(hostId, bootId, changes.removed());
            dispute(hostId, bootId, changes.disputed(), true);
            dispute(hostId, bootId, changes.settled(), false);
        }
        return changes;
    }

    /// Removes what is left of a host's other tables of that medium, in the transaction at hand.
    void forgetOthers(UUID hostId, @Nullable UUID bootId, Medium medium) {
        jdbc.sql(
                        "delete from regions where host_id = :host and medium = :medium"
                                + " and boot_id is distinct from :boot")
                .param("host", hostId)
                .param("medium", medium.name())
                .param("boot", bootId)
                .update();
    }

    private List<Reconciliation.Row> rows(UUID hostId, UUID bootId) {
        return Rows.of(
                jdbc.sql(
                                "select region_id, generation, state, grant_id, disputed, held_for"
                                        + " from regions"
                                        + " where host_id = ? and boot_id = ?")
                        .params(hostId, bootId)
                        .query(Reconciliation.Row.class));
    }

    /// A lender may withdraw a region and offer it again from generation 0; the ledger goes on from
    /// the last generation that it claimed.
    private void add(UUID hostId, UUID bootId, Medium medium, List<Reconciliation.Row> rows) {
        if (rows.isEmpty()) {
            return;
        }
        jdbc.sql(
                        "insert into regions (host_id, boot_id, region_id, generation, state,"
                                + " held_for, medium)"
                                + " select :host, :boot, n.id, greatest(n.generation, coalesce("
                                + "(select max(l.generation) from legs l where l.host_id = :host"
                                + " and l.boot_id = :boot and l.region_id = n.id), 0)), n.state,"
                                + " n.held_for, :medium from unnest(:ids, :generations, :states, :holders)"
                                + " as n (id, generation, state, held_for)")
                .param("host", hostId)
                .param("boot", bootId)
                .param("medium", medium.name())
                .param("ids", longs(rows, Reconciliation.Row::regionId))
                .param("generations", longs(rows, Reconciliation.Row::generation))
                .param("states", states(rows))
                .param("holders", holders(rows))
                .update();
    }

    private void update(UUID hostId, UUID bootId, List<Reconciliation.Row> rows) {
        if (rows.isEmpty()) {
            return;
        }
        // On a young table the planner expects one row and would join every region with every
        // other.
        jdbc.sql("select set_config('enable_nestloop', 'off', true)").query(String.class).single();
        jdbc.sql(
                        "update regions r set state = n.state, held_for = n.held_for,"
                                + " generation = greatest(r.generation, n.generation)"
                                + " from unnest(:ids, :generations, :states, :holders)"
                                + " as n (id, generation, state, held_for)"
                                + " where r.host_id = :host and r.boot_id = :boot"
                                + " and r.region_id = n.id and r.state <> 'CLAIMED'")
                .param("host", hostId)
                .param("boot", bootId)
                .param("ids", longs(rows, Reconciliation.Row::regionId))
                .param("generations", longs(rows, Reconciliation.Row::generation))
                .param("states", states(rows))
                .param("holders", holders(rows))
                .update();
    }

    private void remove(UUID hostId, UUID bootId, List<Long> regionIds) {
        if (regionIds.isEmpty()) {
            return;
        }
        jdbc.sql(
                        "delete from regions where host_id = :host and boot_id = :boot"
                                + " and region_id = any(:ids) and state <> 'CLAIMED'")
                .param("host", hostId)
                .param("boot", bootId)
                .param("ids", regionIds.toArray(Long[]::new))
                .update();
    }

    private void dispute(UUID hostId, UUID bootId, List<Long> regionIds, boolean disputed) {
        if (regionIds.isEmpty()) {
            return;
        }
        jdbc.sql(
                        "update regions set disputed = :disputed where host_id = :host"
                                + " and boot_id = :boot and region_id = any(:ids)"
                                + " and state = 'CLAIMED'")
                .param("disputed", disputed)
                .param("host", hostId)
                .param("boot", bootId)
                .param("ids", regionIds.toArray(Long[]::new))
                .update();
    }

    private static Long[] longs(
            Collection<Reconciliation.Row> rows, ToLongFunction<Reconciliation.Row> value) {
        return rows.stream().mapToLong(value).boxed().toArray(Long[]::new);
    }

    private static String[] states(Collection<Reconciliation.Row> rows) {
        return rows.stream().map(Reconciliation.Row::state).toArray(String[]::new);
    }

    private static @Nullable UUID[] holders(Collection<Reconciliation.Row> rows) {
        @Nullable UUID[] holders = new UUID[rows.size()];
        int at = 0;
        for (Reconciliation.Row row : rows) {
            holders[at++] = row.heldFor();
        }
        return holders;
    }
}
