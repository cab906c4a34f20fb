package io.memfabric.broker.inventory;

import io.memfabric.broker.web.Revision;
import io.memfabric.contract.agent.HostReport;
import io.memfabric.contract.agent.VmPolicies;
import io.memfabric.contract.agent.VmReport;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Timestamp;
import java.time.InstantSource;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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

    /// The tag of what a host with these VMs has to know. It changes with any policy of the fabric
    /// and with the host's VMs.
    static String tag(long policyRevision, List<VmReport> vms) {
        long hash = 0;
        for (VmReport vm : vms) {
            UUID id = vm.vmId();
            hash +=
                    (id.getMostSignificantBits() * 0x9E3779B97F4A7C15L
                                    ^ id.getLeastSignificantBits())
                            * 0xC2B2AE3D27D4EB4FL;
        }
        return policyRevision + "." + vms.size() + "." + Long.toHexString(hash);
    }

    /// What the host has yet to hear; null where it knows all.
    ///
    /// @param policyRevision read before: what is changed meanwhile makes another tag
    @Nullable VmPolicies news(HostReport report, long policyRevision) {
        String tag = tag(policyRevision, report.vms());
        return tag.equals(report.policiesTag())
                ? null
                : new VmPolicies(
                        tag,
                        of(report.vms().stream().map(VmReport::vmId).toList()).values().stream()
                                .map(row -> row.spec().policy(row.vmId()))
                                .toList());
    }
}
