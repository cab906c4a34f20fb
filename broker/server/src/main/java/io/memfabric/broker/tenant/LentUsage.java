package io.memfabric.broker.tenant;

import io.memfabric.broker.database.Ledger;
import io.memfabric.broker.database.Rows;
import io.memfabric.broker.inventory.Inventory;
import java.math.BigDecimal;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/// Measures whose memory is lent. A host lends regions, not pages of a VM: what it lends counts for
/// the tenants of its VMs in proportion to what each VM's balloon holds.
@Component
class LentUsage {

    /// After a longer pause nobody knows what was lent meanwhile, so only this much counts.
    private static final Duration LONGEST = Duration.ofMinutes(1);

    private static final Logger LOG = LoggerFactory.getLogger(LentUsage.class);

    private final Inventory inventory;
    private final Ledger ledger;
    private final JdbcClient jdbc;
    private final InstantSource clock;
    private long measuredAt = System.nanoTime();

    LentUsage(Inventory inventory, Ledger ledger, JdbcClient jdbc, InstantSource clock) {
        this.inventory = inventory;
        this.ledger = ledger;
        this.jdbc = jdbc;
        this.clock = clock;
    }

    private record Owner(UUID id, UUID tenantId) {}

    @Scheduled(fixedDelay = 10_000)
    void measure() {
        long now = System.nanoTime();
        long nanos = Math.min(now - measuredAt, LONGEST.toNanos());
        measuredAt = now;
        try {
            Map<UUID, BigDecimal> lent = lent();
            if (!lent.isEmpty()) {
                ledger.run(() -> lent.forEach((tenant, bytes) -> add(tenant, bytes, nanos)));
            }
        } catch (DataAccessException e) {
            LOG.warn("what was lent could not be measured: {}", e.toString());
        }
    }

    /// How many bytes of each tenant are lent now.
    private Map<UUID, BigDecimal> lent() {
        Map<UUID, UUID> tenants = new HashMap<>();
        Rows.of(jdbc.sql("select id, tenant_id from vms").query(Owner.class))
                .forEach(owner -> tenants.put(owner.id(), owner.tenantId()));
        Map<UUID, BigDecimal> lent = new HashMap<>();
        for (Inventory.Lent host : inventory.lent()) {
            long all = host.harvestedByVm().values().stream().mapToLong(Long::longValue).sum();
            host.harvestedByVm()
                    .forEach(
                            (vm, bytes) -> {
                                UUID tenant = tenants.get(vm);
                                if (tenant != null && all > 0) {
                                    lent.merge(
                                            tenant,
                                            BigDecimal.valueOf(
                                                    (double) host.lentBytes() * bytes / all),
                                            BigDecimal::add);
                                }
                            });
        }
        return lent;
    }

    private void add(UUID tenantId, BigDecimal bytes, long nanos) {
        Instant hour = clock.instant().truncatedTo(ChronoUnit.HOURS);
        jdbc.sql(
                        "insert into lent_hours (tenant_id, hour, byte_seconds) values (?, ?, ?)"
                                + " on conflict (tenant_id, hour) do update set"
                                + " byte_seconds = lent_hours.byte_seconds + excluded.byte_seconds")
                .params(
                        tenantId,
                        Timestamp.from(hour),
                        bytes.multiply(BigDecimal.valueOf(nanos).movePointLeft(9)))
                .update();
    }
}
