package io.memfabric.broker.lending;

import io.memfabric.broker.database.Rows;
import io.memfabric.broker.policy.ledger.Medium;
import io.memfabric.broker.policy.ledger.Overtaken;
import io.memfabric.broker.policy.ledger.Reconciliation;
import io.memfabric.broker.policy.ledger.Region;
import io.memfabric.broker.policy.ledger.RegionLedger;
import io.memfabric.broker.policy.ledger.TableId;
import io.memfabric.contract.agent.RegionClaim;
import io.memfabric.contract.agent.RegionReport;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/// The ledger of regions in PostgreSQL, in the transaction at hand. The last generation in which a
/// region was claimed is that of its legs, which a grant writes beside its claims.
@Component
class RegionsInPostgres implements RegionLedger {

    private final JdbcClient jdbc;

    RegionsInPostgres(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    @Override
    public List<Region> regions(TableId table) {
        return Rows.of(
                jdbc.sql(
                                "select region_id, generation, state, grant_id, disputed, held_for"
                                        + " from regions where host_id = ? and boot_id = ?")
                        .params(table.hostId(), table.bootId())
                        .query(Region.class));
    }

    @Override
    public List<RegionClaim> claim(UUID grantId, TableId table, int count) {
        // By an array, not by a join: on a young table the planner expects one row and would join
        // every region with every other.
        List<RegionClaim> claims =
                Rows.of(
                        jdbc.sql(
                                        """
                                        update regions set state = 'CLAIMED',
                                            generation = generation + 1, grant_id = :grant
                                        where host_id = :host and boot_id = :boot
                                          and region_id = any(array(
                                            select region_id from regions where host_id = :host
                                              and boot_id = :boot and state = 'FREE'
                                            order by region_id limit :count
                                            for update skip locked))
                                        returning boot_id, region_id, generation
                                        """)
                                .param("grant", grantId)
                                .param("host", table.hostId())
                                .param("boot", table.bootId())
                                .param("count", count)
                                .query(RegionClaim.class));
        if (claims.size() < count) {
            throw new Overtaken(
                    "host %s has %d free regions, not %d"
                            .formatted(table.hostId(), claims.size(), count));
        }
        return claims;
    }

    @Override
    public boolean recognise(UUID grantId, TableId table, Map<Long, Long> generations) {
        Long[] ids = generations.keySet().toArray(Long[]::new);
        return generations.size()
                == jdbc.sql(
                                "update regions r set state = 'CLAIMED', grant_id = :grant,"
                                        + " held_for = null from unnest(:ids, :generations)"
                                        + " as n (id, generation) where r.host_id = :host"
                                        + " and r.boot_id = :boot and r.region_id = n.id"
                                        + " and r.generation = n.generation and r.state = 'BLOCKED'"
                                        + " and r.held_for = :grant and not exists (select 1"
                                        + " from legs l where l.host_id = r.host_id"
                                        + " and l.boot_id = r.boot_id and l.region_id = r.region_id"
                                        + " and l.generation >= r.generation)")
                        .param("grant", grantId)
                        .param("ids", ids)
                        .param("generations", generations.values().toArray(Long[]::new))
                        .param("host", table.hostId())
                        .param("boot", table.bootId())
                        .update();
    }

    @Override
    public void free(UUID grantId, TableId table, Collection<Long> regionIds) {
        jdbc.sql(
                        "update regions set state = case when disputed then 'BLOCKED'"
                                + " else 'FREE' end, disputed = false, grant_id = null"
                                + " where grant_id = ? and host_id = ? and boot_id = ?"
                                + " and region_id = any(?)")
                .params(grantId, table.hostId(), table.bootId(), ids(regionIds))
                .update();
    }

    @Override
    public void withdraw(TableId table, Collection<Long> regionIds) {
        jdbc.sql(
                        "delete from regions where host_id = ? and boot_id = ?"
                                + " and region_id = any(?) and state = 'FREE'")
                .params(table.hostId(), table.bootId(), ids(regionIds))
                .update();
    }

    @Override
    public void remove(UUID grantId, TableId table, Collection<Long> regionIds) {
        jdbc.sql(
                        "delete from regions where grant_id = ? and host_id = ? and boot_id = ?"
                                + " and region_id = any(?)")
                .params(grantId, table.hostId(), table.bootId(), ids(regionIds))
                .update();
    }

    @Override
    public Reconciliation apply(TableId table, Medium medium, List<RegionReport> inventory) {
        Reconciliation changes = Reconciliation.of(regions(table), inventory);
        if (!changes.changesNothing()) {
            add(table, medium, changes.added());
            update(table, changes.updated());
            remove(table, changes.removed());
            dispute(table, changes.disputed(), true);
            dispute(table, changes.settled(), false);
        }
        return changes;
    }

    @Override
    public void forgetOthers(UUID hostId, @Nullable UUID bootId, Medium medium) {
        jdbc.sql(
                        "delete from regions where host_id = :host and medium = :medium"
                                + " and boot_id is distinct from :boot")
                .param("host", hostId)
                .param("medium", medium.name())
                .param("boot", bootId)
                .update();
    }

    /// A lender may withdraw a region and offer it again from generation 0; the ledger goes on from
    /// the last generation that it claimed.
    private void add(TableId table, Medium medium, List<Region> rows) {
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
                .param("host", table.hostId())
                .param("boot", table.bootId())
                .param("medium", medium.name())
                .param("ids", idsOf(rows))
                .param("generations", generations(rows))
                .param("states", states(rows))
                .param("holders", holders(rows))
                .update();
    }

    private void update(TableId table, List<Region> rows) {
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
                .param("host", table.hostId())
                .param("boot", table.bootId())
                .param("ids", idsOf(rows))
                .param("generations", generations(rows))
                .param("states", states(rows))
                .param("holders", holders(rows))
                .update();
    }

    private void remove(TableId table, List<Long> regionIds) {
        if (regionIds.isEmpty()) {
            return;
        }
        jdbc.sql(
                        "delete from regions where host_id = :host and boot_id = :boot"
                                + " and region_id = any(:ids) and state <> 'CLAIMED'")
                .param("host", table.hostId())
                .param("boot", table.bootId())
                .param("ids", ids(regionIds))
                .update();
    }

    private void dispute(TableId table, List<Long> regionIds, boolean disputed) {
        if (regionIds.isEmpty()) {
            return;
        }
        jdbc.sql(
                        "update regions set disputed = :disputed where host_id = :host"
                                + " and boot_id = :boot and region_id = any(:ids)"
                                + " and state = 'CLAIMED'")
                .param("disputed", disputed)
                .param("host", table.hostId())
                .param("boot", table.bootId())
                .param("ids", ids(regionIds))
                .update();
    }

    private static Long[] ids(Collection<Long> regionIds) {
        return regionIds.toArray(Long[]::new);
    }

    private static Long[] idsOf(List<Region> regions) {
        return Rows.column(regions, Region::regionId, Long[]::new);
    }

    private static Long[] generations(List<Region> regions) {
        return Rows.column(regions, Region::generation, Long[]::new);
    }

    private static String[] states(List<Region> regions) {
        return Rows.column(regions, region -> region.state().name(), String[]::new);
    }

    private static @Nullable UUID[] holders(List<Region> regions) {
        return Rows.<Region, @Nullable UUID>column(regions, Region::heldFor, UUID[]::new);
    }
}
