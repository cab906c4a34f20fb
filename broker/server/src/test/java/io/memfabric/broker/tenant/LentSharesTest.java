package io.memfabric.broker.tenant;

import static org.assertj.core.api.Assertions.assertThat;

import io.memfabric.broker.inventory.Inventory;
import java.math.BigDecimal;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/// Whose memory is lent, and in which hours.
class LentSharesTest {

    private static final UUID FIRST = UUID.randomUUID();
    private static final UUID SECOND = UUID.randomUUID();
    private static final UUID ONE = UUID.randomUUID();
    private static final UUID OTHER = UUID.randomUUID();
    private static final UUID THIRD = UUID.randomUUID();
    private static final Map<UUID, UUID> TENANTS = Map.of(ONE, FIRST, OTHER, SECOND, THIRD, SECOND);

    private static Map<UUID, BigDecimal> shares(Inventory.Lent... hosts) {
        return LentShares.of(List.of(hosts), TENANTS);
    }

    private static Inventory.Lent host(long lent, Map<UUID, Long> harvested) {
        return new Inventory.Lent(lent, harvested);
    }

    private static void holds(Map<UUID, BigDecimal> shares, UUID tenant, long bytes) {
        assertThat(shares.get(tenant)).isEqualByComparingTo(BigDecimal.valueOf(bytes));
    }

    @Test
    void countsWhatAHostLendsInProportionToBalloons() {
        Map<UUID, BigDecimal> shares = shares(host(800, Map.of(ONE, 300L, OTHER, 700L)));
        holds(shares, FIRST, 240);
        holds(shares, SECOND, 560);
    }

    @Test
    void addsUpTheHostsAndVmsOfATenant() {
        Map<UUID, BigDecimal> shares =
                shares(
                        host(100, Map.of(ONE, 50L, OTHER, 50L)),
                        host(10, Map.of(OTHER, 60L, THIRD, 40L)));
        holds(shares, FIRST, 50);
        holds(shares, SECOND, 60);
    }

    @Test
    void countsNoMoreThanBalloonsHold() {
        Map<UUID, BigDecimal> shares = shares(host(1000, Map.of(ONE, 100L, OTHER, 200L)));
        holds(shares, FIRST, 100);
        holds(shares, SECOND, 200);
    }

    @Test
    void countsForNobodyWhatNoKnownVmGave() {
        assertThat(shares(host(1000, Map.of()))).isEmpty();
        UUID unknown = UUID.randomUUID();
        Map<UUID, BigDecimal> shares = shares(host(100, Map.of(unknown, 100L, ONE, 100L)));
        assertThat(shares).containsOnlyKeys(FIRST);
        holds(shares, FIRST, 50);
    }

    @Test
    void keepsEveryByteOfTheLargestFabric() {
        long eib = 1L << 60;
        holds(shares(host(eib, Map.of(ONE, eib, OTHER, eib))), FIRST, eib / 2);
    }

    @Test
    void splitsATimeAtTheFullHour() {
        Instant noon = Instant.parse("2026-01-01T12:00:00Z");
        assertThat(LentShares.hours(noon.plusSeconds(3), Duration.ofMillis(10_500)))
                .containsExactly(
                        Map.entry(noon.minusSeconds(3600), seconds("7.500000000")),
                        Map.entry(noon, seconds("3.000000000")));
        assertThat(LentShares.hours(noon, Duration.ofSeconds(10)))
                .containsExactly(Map.entry(noon.minusSeconds(3600), seconds("10.000000000")));
        assertThat(LentShares.hours(noon, Duration.ZERO)).isEmpty();
    }

    private static BigDecimal seconds(String text) {
        return new BigDecimal(text);
    }
}
