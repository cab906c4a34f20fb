package io.memfabric.broker.tenant;

import io.memfabric.broker.database.Rows;
import io.memfabric.broker.web.ListQuery;
import io.memfabric.broker.web.PageQuery;
import java.sql.Timestamp;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.stereotype.Component;

/// The rows of tenants and of what belongs to them.
@Component
class TenantRows {

    private static final String SELECT =
            "select id, name, max_bytes, max_grants, array_to_string(latency_classes, ' ') as"
                    + " latency_classes, lend_to, created_at, updated_at, revision from tenants"
                    + " where deleted_at is null";

    private final JdbcClient jdbc;

    TenantRows(JdbcClient jdbc) {
        this.jdbc = jdbc;
    }

    /// What a tenant holds now.
    ///
    /// @param borrowedBytes of all its grants that are not at their end, every copy counted
    record Held(long borrowedBytes, long grants) {}

    Optional<TenantRow> find(UUID id) {
        return jdbc.sql(SELECT + " and id = ?").param(id).query(TenantRow.class).optional();
    }

    Optional<TenantRow> lock(UUID id) {
        return jdbc.sql(SELECT + " and id = ? for no key update")
                .param(id)
                .query(TenantRow.class)
                .optional();
    }

    boolean isNameTaken(String name) {
        return jdbc.sql("select count(*) from tenants where name = ? and deleted_at is null")
                        .param(name)
                        .query(Long.class)
                        .single()
                > 0;
    }

    List<TenantRow> list(
            @Nullable UUID only, @Nullable String name, @Nullable String order, PageQuery query) {
        ListQuery list =
                new ListQuery(SELECT, "id", order).where("id = ?", only).where("name = ?", name);
        return Rows.of(
                list.rows(jdbc, query.afterIdOrNull(), query.limit()).query(TenantRow.class));
    }

    void add(UUID id, TenantSpec spec, Instant now) {
        jdbc.sql(
                        "insert into tenants (id, name, max_bytes, max_grants, latency_classes,"
                                + " lend_to, created_at, updated_at, revision)"
                                + " values (?, ?, ?, ?, ?, ?, ?, ?, 0)")
                .param(id)
                .param(spec.name())
                .param(spec.maxBytes())
                .param(spec.maxGrants())
                .param(spec.classNames())
                .params(spec.lendTo().name(), Timestamp.from(now), Timestamp.from(now))
                .update();
    }

    void update(UUID id, TenantSpec spec, Instant now) {
        jdbc.sql(
                        "update tenants set name = ?, max_bytes = ?, max_grants = ?,"
                                + " latency_classes = ?, lend_to = ?, updated_at = ?,"
                                + " revision = revision + 1 where id = ?")
                .param(spec.name())
                .param(spec.maxBytes())
                .param(spec.maxGrants())
                .param(spec.classNames())
                .params(spec.lendTo().name(), Timestamp.from(now), id)
                .update();
    }

    void delete(UUID id, Instant now) {
        jdbc.sql("update tenants set deleted_at = ?, revision = revision + 1 where id = ?")
                .params(Timestamp.from(now), id)
                .update();
    }

    Held held(UUID id) {
        return jdbc.sql(
                        "select coalesce(sum(size_bytes * copies), 0)::bigint as borrowed_bytes,"
                                + " count(*) filter (where part_of is null) as grants from grants where tenant_id = ?"
                                + " and state not in ('RELEASED', 'FAILED')")
                .param(id)
                .query(Held.class)
                .single();
    }

    long vms(UUID id) {
        return jdbc.sql("select count(*) from vm_tenants where tenant_id = ?")
                .param(id)
                .query(Long.class)
                .single();
    }

    boolean doesEverybodyLend() {
        return jdbc.sql(
                                "select count(*) from tenants where lend_to <> 'EVERYBODY'"
                                        + " and deleted_at is null")
                        .query(Long.class)
                        .single()
                == 0;
    }

    /// Hosts with a VM of a tenant that does not let this VM's tenant have its memory.
    List<UUID> barredFrom(UUID vmId, boolean acrossTenants) {
        return Rows.of(
                jdbc.sql(
                                "select distinct v.host_id from vms v"
                                        + " join tenants t on t.id = v.tenant_id"
                                        + " join vms b on b.id = ?"
                                        + " where t.lend_to = 'NOBODY' or (t.id <> b.tenant_id"
                                        + " and (t.lend_to = 'ITSELF' or not ?))")
                        .params(vmId, acrossTenants)
                        .query(UUID.class));
    }

    Optional<UUID> tenantOfVm(UUID vmId) {
        return jdbc.sql("select tenant_id from vms where id = ?")
                .param(vmId)
                .query(UUID.class)
                .optional();
    }

    boolean hasLiveGrants(UUID vmId) {
        return jdbc.sql(
                                "select count(*) from grants where vm_id = ?"
                                        + " and state not in ('RELEASED', 'FAILED')")
                        .param(vmId)
                        .query(Long.class)
                        .single()
                > 0;
    }

    /// Puts a VM into a tenant; the row lock of the VM keeps grants from being made meanwhile.
    void assign(UUID vmId, UUID tenantId) {
        jdbc.sql(
                        "insert into vm_tenants (vm_id, tenant_id) values (?, ?)"
                                + " on conflict (vm_id) do update set tenant_id = excluded.tenant_id")
                .params(vmId, tenantId)
                .update();
        jdbc.sql("update vms set tenant_id = ? where id = ?").params(tenantId, vmId).update();
    }

    /// Locks a VM to give it to another tenant, and answers whose it is.
    Optional<UUID> lockVm(UUID vmId) {
        return jdbc.sql("select tenant_id from vms where id = ? for no key update")
                .param(vmId)
                .query(UUID.class)
                .optional();
    }

    /// The tenant of a VM, which is locked against being given to another one.
    Optional<TenantRow> lockedOwner(UUID vmId) {
        return jdbc.sql(SELECT + " and id = (select tenant_id from vms where id = ? for key share)")
                .param(vmId)
                .query(TenantRow.class)
                .optional();
    }
}
