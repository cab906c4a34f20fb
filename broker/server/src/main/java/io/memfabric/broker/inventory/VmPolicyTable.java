package io.memfabric.broker.inventory;

import io.memfabric.broker.database.Rows;
import io.memfabric.broker.web.Revision;
import io.memfabric.contract.agent.VmPolicies;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.InstantSource;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/// What operators want of VMs, in the ledger, and what a host has yet to hear of it.
@Component
class VmPolicyTable {

    private final JdbcClient jdbc;
    private final HostLimits limits;
    private final InstantSource clock;
    private volatile Wanted wanted = new Wanted(-1, Set.of());

    VmPolicyTable(JdbcClient jdbc, HostLimits limits, InstantSource clock) {
        this.jdbc = jdbc;
        this.limits = limits;
        this.clock = clock;
    }

    /// @param revision 0 where nobody wanted anything yet
    record Row(UUID vmId, VmSpec spec, long revision) {

        static Row usual(UUID vmId) {
            return new Row(vmId, VmSpec.USUAL, 0);
        }
    }

    Row of(UUID vmId) {
        return of(List.of(vmId)).getOrDefault(vmId, Row.usual(vmId));
    }

    /// The rows that there are.
    Map<UUID, Row> of(Collection<UUID> vmIds) {
        Map<UUID, Row> rows = new HashMap<>();
        jdbc.sql("select * from vm_policies where vm_id = any(:ids)")
                .param("ids", vmIds.toArray(UUID[]::new))
                .query((row, _) -> read(row))
                .list()
                .forEach(row -> rows.put(row.vmId(), row));
        return rows;
    }

    /// Of which VMs operators want something. To a broker that was started again every host is new:
    /// it need not ask for each what is wanted of its VMs where nothing is.
    ///
    /// @param revision of all policies, read before
    /// @param vmIds null where they are too many to keep
    private record Wanted(long revision, @Nullable Set<UUID> vmIds) {
        static final int MOST = 10_000;

        boolean mayBeOf(Set<UUID> vms) {
            return vmIds == null || vms.stream().anyMatch(vmIds::contains);
        }
    }

    private Wanted wanted(long revision) {
        Wanted known = wanted;
        return known.revision() == revision ? known : readWanted(revision);
    }

    private synchronized Wanted readWanted(long revision) {
        if (wanted.revision() != revision) {
            List<UUID> vmIds =
                    Rows.of(
                            jdbc.sql("select vm_id from vm_policies limit ?")
                                    .param(Wanted.MOST + 1)
                                    .query(UUID.class));
            wanted = new Wanted(revision, vmIds.size() > Wanted.MOST ? null : Set.copyOf(vmIds));
        }
        return wanted;
    }

    /// Those of these VMs whose tenant lends to nobody.
    private Set<UUID> withoutConsent(Collection<UUID> vmIds) {
        List<UUID> tenants =
                Rows.of(
                        jdbc.sql("select id from tenants where lend_to = 'NOBODY'")
                                .query(UUID.class));
        if (tenants.isEmpty()) {
            return Set.of();
        }
        return Set.copyOf(
                Rows.of(
                        jdbc.sql("select id from vms where id = any(?) and tenant_id = any(?)")
                                .params(vmIds.toArray(UUID[]::new), tenants.toArray(UUID[]::new))
                                .query(UUID.class)));
    }

    private static Row read(ResultSet row) throws SQLException {
        return new Row(
                row.getObject("vm_id", UUID.class),
                new VmSpec(
                        new VmSpec.Memory(
                                row.getLong("floor_bytes"),
                                row.getLong("ceiling_bytes"),
                                row.getInt("weight"),
                                row.getBoolean("lend"),
                                new VmSpec.AutoGrow(
                                        row.getBoolean("auto_grow"),
                                        row.getLong("grow_max_bytes")))),
                row.getLong("revision"));
    }

    /// Writes a new wish over the one that has been read, in the transaction at hand. Each change of
    /// any policy waits here for the one before, so that hosts hear of all of them.
    Row write(Row before, VmSpec spec) {
        jdbc.sql("update fabric set policy_revision = policy_revision + 1 where id = 1").update();
        limits.changedWhole();
        VmSpec.Memory memory = spec.memory();
        int written =
                jdbc.sql(
                                """
                                insert into vm_policies as p (vm_id, floor_bytes, ceiling_bytes,
                                    weight, lend, auto_grow, grow_max_bytes, updated_at, revision)
                                values (:id, :floor, :ceiling, :weight, :lend, :grow, :growMax,
                                    :now, 1)
                                on conflict (vm_id) do update set floor_bytes = :floor,
                                    ceiling_bytes = :ceiling, weight = :weight, lend = :lend,
                                    auto_grow = :grow, grow_max_bytes = :growMax,
                                    updated_at = :now, revision = p.revision + 1
                                where p.revision = :before
                                """)
                        .param("id", before.vmId())
                        .param("floor", memory.floorBytes())
                        .param("ceiling", memory.ceilingBytes())
                        .param("weight", memory.weight())
                        .param("lend", memory.lend())
                        .param("grow", memory.autoGrow().enabled())
                        .param("growMax", memory.autoGrow().maxBytes())
                        .param("now", Timestamp.from(clock.instant()))
                        .param("before", before.revision())
                        .update();
        long after = before.revision() + 1;
        Revision.check(after, written == 1 ? after : -1);
        return new Row(before.vmId(), spec, after);
    }

    /// What a host with these VMs has to hear. A VM lends where both an operator and its tenant have
    /// it so; whose tenant's it is, only the ledger knows.
    ///
    /// @param policyRevision read before: what is changed meanwhile makes another tag
    VmPolicies of(HostVms vms, long policyRevision) {
        String tag = vms.policiesTag(policyRevision);
        Set<UUID> vmIds = vms.ids();
        Map<UUID, Row> rows = wanted(policyRevision).mayBeOf(vmIds) ? of(vmIds) : Map.of();
        Set<UUID> spared = withoutConsent(vmIds);
        return new VmPolicies(
                tag,
                vmIds.stream()
                        .filter(id -> rows.containsKey(id) || spared.contains(id))
                        .map(
                                id ->
                                        rows.getOrDefault(id, Row.usual(id))
                                                .spec()
                                                .policy(id, !spared.contains(id)))
                        .toList());
    }
}
