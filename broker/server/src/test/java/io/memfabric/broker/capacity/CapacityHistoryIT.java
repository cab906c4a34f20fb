package io.memfabric.broker.capacity;

import static org.assertj.core.api.Assertions.assertThat;

import io.memfabric.broker.testbed.FakeAgent;
import io.memfabric.broker.testbed.Fleet;
import io.memfabric.broker.testbed.Poll;
import io.memfabric.broker.testbed.TestBroker;
import io.memfabric.contract.agent.MemoryReport;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/// What was, minute by minute and hour by hour.
class CapacityHistoryIT {

    private static final long MIB = 1L << 20;
    private static final Duration MINUTE = Duration.ofMinutes(1);

    private final Fleet fleet = new Fleet();
    private final CapacityMinutes minutes = TestBroker.shared().bean(CapacityMinutes.class);
    private final Instant hour =
            Instant.now().truncatedTo(ChronoUnit.HOURS).minus(Duration.ofHours(3));

    @AfterEach
    void retire() {
        fleet.close();
    }

    private static HeardMinute heard(FakeAgent host, long... harvested) {
        HeardMinute heard = new HeardMinute();
        for (long bytes : harvested) {
            heard.add(Map.of(host.hostId(), new MemoryReport(8000, 4000, 1000, bytes, 0, 0, 0)));
        }
        return heard;
    }

    private JsonNode points(String query) {
        return fleet.admin().get("/api/v1/capacity/history?" + query).body().get("points");
    }

    private JsonNode points(FakeAgent host, Instant from, Duration length, int step) {
        return points(
                "hostId=%s&from=%s&to=%s&step=%d"
                        .formatted(host.hostId(), from, from.plus(length), step));
    }

    @Test
    void writesWhatAHostHadInAMinute() {
        FakeAgent lender = fleet.lender(4);
        FakeAgent borrower = fleet.borrower();
        fleet.active(borrower, 64 * MIB, 1);
        minutes.write(hour, heard(lender, 100, 200, 600));
        JsonNode point = points(lender, hour, MINUTE, 60).get(0);
        assertThat(point.get("at").asString()).isEqualTo(hour.toString());
        assertThat(point.get("heardHosts").asInt()).isEqualTo(1);
        assertThat(point.get("totalBytes").asLong()).isEqualTo(8000);
        assertThat(point.get("reserveBytes").asLong()).isEqualTo(1000);
        assertThat(point.get("harvestedBytes").asLong()).isEqualTo(300);
        assertThat(point.get("offeredBytes").asLong()).isEqualTo(256 * MIB);
        assertThat(point.get("lentBytes").asLong()).isEqualTo(64 * MIB);
        assertThat(point.get("freeBytes").asLong()).isEqualTo(192 * MIB);
        assertThat(point.get("atRiskBytes").asLong()).isZero();
        JsonNode silent = points(borrower, hour, MINUTE, 60).get(0);
        assertThat(silent.get("heardHosts").asInt()).isZero();
        JsonNode all = points("from=%s&to=%s&step=60".formatted(hour, hour.plus(MINUTE))).get(0);
        assertThat(all.get("heardHosts").asInt()).isEqualTo(1);
        assertThat(all.get("lentBytes").asLong()).isGreaterThanOrEqualTo(64 * MIB);
    }

    @Test
    void countsWhatLacksACopyAsAtRisk() {
        FakeAgent lender = fleet.lender(1);
        fleet.lender(1);
        FakeAgent borrower = fleet.borrower();
        String grant = fleet.active(borrower, 64 * MIB, 2);
        lender.reboot(0);
        lender.sync();
        Poll.until(() -> fleet.state(grant).equals("DEGRADED"));
        Instant at = hour.plus(MINUTE);
        minutes.write(at, heard(borrower, 0));
        assertThat(points(borrower, at, MINUTE, 60).at("/0/atRiskBytes").asLong())
                .isEqualTo(64 * MIB);
    }

    @Test
    void aBrokerThatDidNotHearAHostLeavesWhatAnotherWrote() {
        FakeAgent host = fleet.host();
        Instant at = hour.plus(MINUTE.multipliedBy(2));
        minutes.write(at, heard(host, 500));
        minutes.write(at, new HeardMinute());
        assertThat(points(host, at, MINUTE, 60).at("/0/harvestedBytes").asLong()).isEqualTo(500);
        assertThat(
                        points("from=%s&to=%s&step=60".formatted(at, at.plus(MINUTE)))
                                .at("/0/harvestedBytes")
                                .asLong())
                .isEqualTo(500);
    }

    @Test
    void addsMinutesUpToHours() {
        FakeAgent host = fleet.host();
        Instant before = hour.minus(Duration.ofHours(2));
        minutes.write(before.plus(Duration.ofMinutes(58)), heard(host, 100));
        minutes.write(before.plus(Duration.ofMinutes(59)), heard(host, 300));
        JsonNode hours = points(host, before, Duration.ofHours(1), 3600);
        assertThat(hours).hasSize(1);
        assertThat(hours.at("/0/harvestedBytes").asLong()).isEqualTo(200);
        JsonNode up = points(host, before, Duration.ofHours(1), 60);
        assertThat(up).hasSize(2);
        JsonNode down =
                points(
                        "hostId=%s&from=%s&to=%s&step=60&order=desc"
                                .formatted(
                                        host.hostId(), before, before.plus(Duration.ofHours(1))));
        assertThat(down).hasSize(2);
        assertThat(down.get(0)).isEqualTo(up.get(1));
        assertThat(down.get(1)).isEqualTo(up.get(0));
    }

    @Test
    void dropsMinutesThatAreTooOldAndKeepsTheirHours() {
        FakeAgent host = fleet.host();
        Instant old = hour.minus(Duration.ofDays(20));
        minutes.write(old.plus(Duration.ofMinutes(59)), heard(host, 700));
        assertThat(points(host, old, Duration.ofHours(1), 3600)).hasSize(1);
        minutes.write(hour.plus(MINUTE.multipliedBy(3)), heard(host, 0));
        CapacityRows rows = TestBroker.shared().bean(CapacityRows.class);
        assertThat(
                        rows.read(
                                new CapacityRows.Query(
                                        host.hostId(),
                                        old,
                                        old.plus(Duration.ofHours(1)),
                                        MINUTE,
                                        false)))
                .isEmpty();
        assertThat(points(host, old, Duration.ofHours(1), 3600).at("/0/harvestedBytes").asLong())
                .isEqualTo(700);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "step=59",
                "step=61",
                "step=-60",
                "step=3000000",
                "step=60&from=2020-01-01T00:00:00Z",
                "from=2030-01-01T00:00:00Z&to=2029-01-01T00:00:00Z"
            })
    void refusesATimeThatMakesNoCurve(String query) {
        assertThat(fleet.admin().get("/api/v1/capacity/history?" + query).code())
                .isEqualTo("invalid_time_range");
    }

    @Test
    void knowsNoHistoryOfAHostThatIsNotThere() {
        String path = "/api/v1/capacity/history?hostId=00000000-0000-0000-0000-000000000000";
        assertThat(fleet.admin().get(path).code()).isEqualTo("host_not_found");
    }
}
