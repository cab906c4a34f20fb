package io.memfabric.broker.tenant;

import static org.assertj.core.api.Assertions.assertThat;

import io.memfabric.broker.testbed.FakeAgent;
import io.memfabric.broker.testbed.Fleet;
import io.memfabric.broker.testbed.Http;
import io.memfabric.broker.testbed.TestBroker;
import io.memfabric.broker.testbed.Tokens;
import io.memfabric.contract.agent.VmReport;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.sql.Timestamp;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;

/// What a tenant lent, in byte-seconds, and its table for a spreadsheet.
class UsageIT {

    private static final long MIB = 1L << 20;

    private final TestBroker broker = TestBroker.shared();
    private final LentUsage usage = broker.bean(LentUsage.class);
    private final Tokens tokens = new Tokens();
    private final Fleet fleet = new Fleet();

    @AfterEach
    void retire() {
        fleet.close();
    }

    /// The time is measured beside the broker: what it counted lies between the time that surely
    /// passed and the most that can have passed.
    @Test
    void addsUpWhatATenantLentForAsLongAsItWasLent() {
        String theirs = tokens.tenant(null, null);
        String ours = tokens.tenant(null, null);
        FakeAgent lender = fleet.lender(2);
        give(lender, theirs, VmReport.State.RUNNING, 768 * MIB);
        give(lender, ours, VmReport.State.RUNNING, 256 * MIB);
        give(lender, ours, VmReport.State.OFF, 1024 * MIB);
        fleet.hear();
        usage.measure();
        assertThat(lent(theirs)).isZero();
        String grant = fleet.active(fleet.borrower(), 128 * MIB, 1);
        fleet.hear();
        long before = System.nanoTime();
        usage.measure();
        BigInteger first = lent(theirs);
        BigInteger firstOfOurs = lent(ours);
        long read = System.nanoTime();
        for (int i = 0; i < 20; i++) {
            fleet.sync();
        }
        long asked = System.nanoTime();
        usage.measure();
        long after = System.nanoTime();
        assertThat(lent(theirs).subtract(first))
                .isBetween(byteSeconds(96, asked - read), byteSeconds(96, after - before));
        assertThat(lent(ours).subtract(firstOfOurs))
                .isBetween(byteSeconds(32, asked - read), byteSeconds(32, after - before));
        fleet.release(grant);
        fleet.settle();
        BigInteger ended = lent(theirs);
        fleet.hear();
        usage.measure();
        assertThat(lent(theirs)).isEqualTo(ended);
    }

    @Test
    void exportsEveryHourAsTheJsonHasIt() {
        String tenant = tokens.tenant(null, null);
        Instant hour = Instant.now().truncatedTo(ChronoUnit.HOURS).minus(5, ChronoUnit.HOURS);
        BigInteger large = BigInteger.TWO.pow(70).add(BigInteger.ONE);
        broker.bean(JdbcClient.class)
                .sql("insert into lent_hours (tenant_id, hour, byte_seconds) values (?, ?, ?)")
                .params(UUID.fromString(tenant), Timestamp.from(hour), new BigDecimal(large))
                .update();
        String path =
                "/api/v1/tenants/%s/usage?from=%s&to=%s"
                        .formatted(tenant, hour, hour.plus(3, ChronoUnit.HOURS));
        Http viewer = tokens.caller(tenant, "tenant-viewer");
        List<String> wanted = new ArrayList<>();
        wanted.add("tenant_id,hour,borrowed_byte_seconds,lent_byte_seconds");
        for (JsonNode each : viewer.get(path).body().get("hours")) {
            wanted.add(
                    String.join(
                            ",",
                            tenant,
                            each.get("hour").asString(),
                            each.get("borrowedByteSeconds").bigIntegerValue().toString(),
                            each.get("lentByteSeconds").bigIntegerValue().toString()));
        }
        assertThat(wanted).hasSize(4).contains(tenant + "," + hour + ",0," + large);
        assertThat(viewer.text(path, "text/csv").body().lines().toList()).isEqualTo(wanted);
        Http stranger = tokens.caller(tokens.tenant(null, null), "tenant-viewer");
        assertThat(stranger.get(path).status()).isEqualTo(404);
    }

    private void give(FakeAgent host, String tenant, VmReport.State state, long harvested) {
        UUID vm = host.addVm(state, true);
        long max = 2048 * MIB;
        host.put(
                VmReport.silent(
                        vm, "vm-" + vm, state, max, max - harvested, null, 64 * MIB, true, null));
        host.report();
        tokens.assign(vm, tenant);
    }

    private BigInteger lent(String tenant) {
        BigInteger sum = BigInteger.ZERO;
        for (JsonNode hour :
                broker.admin().get("/api/v1/tenants/" + tenant + "/usage").body().get("hours")) {
            sum = sum.add(hour.get("lentByteSeconds").bigIntegerValue());
        }
        return sum;
    }

    private static BigInteger byteSeconds(long mib, long nanos) {
        return BigInteger.valueOf(mib * MIB)
                .multiply(BigInteger.valueOf(nanos))
                .divide(BigInteger.valueOf(1_000_000_000L));
    }
}
