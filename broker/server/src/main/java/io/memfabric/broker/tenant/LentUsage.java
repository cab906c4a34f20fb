package io.memfabric.broker.tenant;

import io.memfabric.broker.database.Ledger;
import io.memfabric.broker.database.Rows;
import io.memfabric.broker.inventory.Inventory;
import java.math.BigDecimal;
import java.sql.Timestamp;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.dao.DataAccessException;
import org.springframework.jdbc.core.simple.JdbcClient;
import org.springframework.scheduling.annotation.Scheduled;
import org.springframework.stereotype.Component;

/// Measures whose memory is lent ([LentShares]) and adds it up by the hour.
@Component
class LentUsage {

    /// After a longer pause nobody knows what was lent meanwhile, so only this much counts.
    private static final Duration LONGEST = Duration.ofMinutes(1);

    private static final int HOSTS_AT_ONCE = 100;

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

    /// Counts what is lent now for the time since it was measured last.
    @Scheduled(fixedDelay = 10_000)
    synchronized void measure() {
        long now = System.nanoTime();
        long nanos = Math.min(now - measuredAt, LONGEST.toNanos());
        measuredAt = now;
        Map<Instant, BigDecimal> hours = LentShares.hours(clock.instant(), Duration.ofNanos(nanos));
        try {
            Map<UUID, BigDecimal> lent = lent();
            if (!lent.isEmpty()) {
                ledger.run(
                        () ->
                                lent.forEach(
                                        (tenant, bytes) ->
                                                hours.forEach(
                                                        (hour, seconds) ->
                                                                add(
                                                                        tenant,
                                                                        hour,
                                                                        bytes.multiply(seconds)))));
            }
        } catch (DataAccessException e) {
            LOG.warn("what was lent could not be measured: {}", e.toString());
        }
    }

    /// What each tenant lends, a few hosts at a time: a large fabric has a million VMs.
    private Map<UUID, BigDecimal> lent() {
        Map<UUID, BigDecimal> all = new HashMap<>();
        List<Inventory.Lent> hosts = inventory.lent();
        for (int from = 0; from < hosts.size(); from += HOSTS_AT_ONCE) {
            List<Inventory.Lent> some =
                    hosts.subList(from, Math.min(from + HOSTS_AT_ONCE, hosts.size()));
            LentShares.of(some, tenants(some))
                    .forEach((tenant, bytes) -> all.merge(tenant, bytes, BigDecimal::add));
        }
        return all;
    }

    private Map<UUID, UUID> tenants(List<Inventory.Lent> hosts) {
        UUID[] vms =
                hosts.stream()
                        .flatMap(host -> host.harvestedByVm().keySet().stream())
                        .toArray(UUID[]::new);
        Map<UUID, UUID> tenants = new HashMap<>();
        Rows.of(
                        jdbc.sql("select id, tenant_id from vms where id = any(?)")
                                .param(vms)
                                .query(Owner.class))
                .forEach(owner -> tenants.put(owner.id(), owner.tenantId()));
        return tenants;
    }

    private void add(UUID tenantId, Instant hour, BigDecimal byteSeconds) {
        jdbc.sql(
                        "insert into lent_hours (tenant_id, hour, byte_seconds) values (?, ?, ?)"
                                + " on conflict (tenant_id, hour) do update set"
                                + " byte_seconds = lent_hours.byte_seconds + excluded.byte_seconds")
                .params(tenantId, Timestamp.from(hour), byteSeconds)
                .update();
    }
}
