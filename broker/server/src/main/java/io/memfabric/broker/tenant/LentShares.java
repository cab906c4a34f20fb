package io.memfabric.broker.tenant;

import io.memfabric.broker.inventory.Inventory;
import java.math.BigDecimal;
import java.math.MathContext;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.UUID;

/// Whose memory is lent, and in which hours. A host lends regions, not pages of a VM: what it lends
/// counts for the tenants of its VMs in proportion to what each VM's balloon holds, and never for
/// more than that, since a host may lend of what no VM ever had.
final class LentShares {

    private LentShares() {}

    /// How many bytes of each tenant are lent.
    ///
    /// @param tenants whose each VM is; one that is not named counts for nobody
    static Map<UUID, BigDecimal> of(Iterable<Inventory.Lent> hosts, Map<UUID, UUID> tenants) {
        Map<UUID, BigDecimal> shares = new HashMap<>();
        for (Inventory.Lent host : hosts) {
            long held = host.harvestedByVm().values().stream().mapToLong(Long::longValue).sum();
            BigDecimal lent = BigDecimal.valueOf(Math.min(host.lentBytes(), held));
            host.harvestedByVm()
                    .forEach(
                            (vm, bytes) -> {
                                UUID tenant = tenants.get(vm);
                                if (tenant != null && bytes > 0) {
                                    shares.merge(
                                            tenant,
                                            lent.multiply(BigDecimal.valueOf(bytes))
                                                    .divide(
                                                            BigDecimal.valueOf(held),
                                                            MathContext.DECIMAL128),
                                            BigDecimal::add);
                                }
                            });
        }
        return shares;
    }

    /// How many seconds of a time that ends now lie in each hour.
    static Map<Instant, BigDecimal> hours(Instant end, Duration length) {
        Map<Instant, BigDecimal> hours = new TreeMap<>();
        for (Instant from = end.minus(length); from.isBefore(end); ) {
            Instant hour = from.truncatedTo(ChronoUnit.HOURS);
            Instant next = hour.plus(1, ChronoUnit.HOURS);
            Instant to = next.isBefore(end) ? next : end;
            hours.put(
                    hour,
                    BigDecimal.valueOf(Duration.between(from, to).toNanos()).movePointLeft(9));
            from = to;
        }
        return hours;
    }
}
