package io.memfabric.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.memfabric.broker.testbed.FakeAgent;
import io.memfabric.broker.testbed.Fleet;
import io.memfabric.broker.testbed.Http;
import io.memfabric.broker.testbed.Poll;
import io.memfabric.contract.agent.AttachGrant;
import io.memfabric.contract.agent.DataTransport;
import io.memfabric.contract.agent.LegPlan;
import io.memfabric.contract.agent.LenderWay;
import io.memfabric.contract.agent.MeasuredLender;
import io.memfabric.contract.agent.RoundTripReport;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/// What hosts measure of the ways between them, and what the broker makes of it.
class RoundTripsIT {

    private static final long MIB = 1L << 20;
    private static final String PATH = "/agent/v1/round-trips";

    private final Fleet fleet = new Fleet();

    @AfterEach
    void retire() {
        fleet.close();
    }

    private static RoundTripReport measured(FakeAgent lender, long median) {
        return measured(lender, DataTransport.RDMA, median);
    }

    private static RoundTripReport measured(
            FakeAgent lender, DataTransport transport, long median) {
        return new RoundTripReport(
                null,
                List.of(new MeasuredLender(lender.hostId(), transport, 20, 900, median, 9000)));
    }

    private JsonNode host(FakeAgent host) {
        return fleet.admin().get("/api/v1/hosts/" + host.hostId()).body();
    }

    @Test
    void showsWhatAHostMeasuredLast() {
        FakeAgent lender = fleet.lender(1);
        FakeAgent borrower = fleet.borrower();
        assertThat(host(borrower).at("/status/roundTrips")).isEmpty();
        borrower.http().post(PATH, measured(lender, 2000));
        borrower.http().post(PATH, measured(lender, 3000));
        JsonNode seen = host(borrower).at("/status/roundTrips");
        assertThat(seen).hasSize(1);
        assertThat(seen.at("/0/lenderId").asString()).isEqualTo(lender.hostId().toString());
        assertThat(seen.at("/0/transport").asString()).isEqualTo("RDMA");
        assertThat(seen.at("/0/medianNanos").asLong()).isEqualTo(3000);
        assertThat(seen.at("/0/p99Nanos").asLong()).isEqualTo(9000);
    }

    @Test
    void namesHostsWithFreeRegionsToMeasure() {
        FakeAgent lender = fleet.lender(1);
        FakeAgent borrower = fleet.borrower();
        lender.http().post(PATH, new RoundTripReport("10.1.2.3:7451", List.of()));
        JsonNode named =
                borrower.http()
                        .post(PATH, new RoundTripReport(null, List.of()))
                        .body()
                        .at("/lenders");
        assertThat(named)
                .noneMatch(
                        place ->
                                place.at("/hostId")
                                        .asString()
                                        .equals(borrower.hostId().toString()));
        assertThat(named.size()).isLessThanOrEqualTo(16);
    }

    @Test
    void tellsBorrowersWhereALenderIsReachedOverRdma() {
        FakeAgent lender = fleet.lender(1);
        lender.http().post(PATH, new RoundTripReport("10.1.2.3:7451", List.of()));
        assertThat(host(lender).at("/status/rdmaAddress").asString()).isEqualTo("10.1.2.3:7451");
        FakeAgent borrower = fleet.borrower();
        fleet.create(Fleet.spec(borrower.vmId(), 64 * MIB));
        lender.obey();
        assertThat(borrower.commands())
                .singleElement()
                .isInstanceOfSatisfying(
                        AttachGrant.class,
                        attach ->
                                assertThat(attach.extents().getFirst().legs())
                                        .extracting(LegPlan::rdmaAddress)
                                        .containsExactly("10.1.2.3:7451"));
    }

    @Test
    void placesClassLowByWhatWasMeasured() {
        FakeAgent lender = fleet.lender(1);
        FakeAgent borrower = fleet.borrower();
        Map<String, Object> spec = new HashMap<>(Fleet.spec(borrower.vmId(), 64 * MIB));
        spec.put("latencyClass", "LOW");
        assertThat(fleet.create(spec).code()).isEqualTo("latency_class_unavailable");
        borrower.http().post(PATH, measured(lender, 2000));
        assertThat(fleet.create(spec).status()).isEqualTo(202);
    }

    @Test
    void placesClassLowOverRdmaOnly() {
        FakeAgent lender = fleet.lender(1);
        FakeAgent borrower = fleet.borrower();
        borrower.http().post(PATH, measured(lender, DataTransport.TCP, 2000));
        Map<String, Object> spec = new HashMap<>(Fleet.spec(borrower.vmId(), 64 * MIB));
        spec.put("latencyClass", "LOW");
        assertThat(fleet.create(spec).code()).isEqualTo("latency_class_unavailable");
    }

    @Test
    void putsTheLostCopyOfClassLowWhereItIsFastIfItCan() {
        FakeAgent lost = fleet.lender(1);
        FakeAgent kept = fleet.lender(1);
        FakeAgent borrower = fleet.borrower();
        borrower.http().post(PATH, measured(lost, 2000));
        borrower.http().post(PATH, measured(kept, 2000));
        Map<String, Object> spec = new HashMap<>(Fleet.spec(borrower.vmId(), 64 * MIB));
        spec.put("latencyClass", "LOW");
        spec.put("copies", 2);
        String grant = Fleet.grantOf(fleet.create(spec));
        lost.obey();
        kept.obey();
        borrower.obey();
        FakeAgent roomy = fleet.lender(9);
        FakeAgent fast = fleet.lender(1);
        borrower.http().post(PATH, measured(fast, 3000));

        lost.reboot(0);
        lost.sync();
        Poll.until(
                () -> {
                    fleet.hear();
                    return !fast.commands().isEmpty();
                });
        fast.obey();

        assertThat(fleet.regionStates(fast)).containsOnly("CLAIMED");
        assertThat(fleet.regionStates(roomy)).containsOnly("FREE");
        assertThat(fleet.state(grant)).isEqualTo("DEGRADED");
    }

    @Test
    void showsOverWhatEachLegIsReachedAndTellsWhyNotOverRdma() {
        FakeAgent lender = fleet.lender(1);
        FakeAgent borrower = fleet.borrower();
        String grant = fleet.active(borrower, 64 * MIB, 1);
        String leg = "/status/extents/0/legs/0";
        assertThat(fleet.grant(grant).at(leg + "/transport").isMissingNode()).isTrue();

        says(borrower, grant, new LenderWay(lender.hostId(), DataTransport.RDMA, null));
        assertThat(fleet.grant(grant).at(leg + "/transport").asString()).isEqualTo("RDMA");
        assertThat(overTcp(grant)).isEmpty();

        LenderWay fallen = new LenderWay(lender.hostId(), DataTransport.TCP, "no route");
        says(borrower, grant, fallen);
        says(borrower, grant, fallen);
        assertThat(fleet.grant(grant).at(leg + "/transport").asString()).isEqualTo("TCP");
        assertThat(fleet.grant(grant).at(leg + "/notRdma").asString()).isEqualTo("no route");
        assertThat(overTcp(grant))
                .containsExactly("Host " + lender.hostId() + " is reached over TCP: no route");
    }

    private static void says(FakeAgent borrower, String grant, LenderWay way) {
        borrower.sayWays(UUID.fromString(grant), List.of(way));
        borrower.sync();
    }

    private List<String> overTcp(String grant) {
        List<String> told = new ArrayList<>();
        fleet.admin()
                .get("/api/v1/events?grantId=" + grant)
                .body()
                .get("items")
                .forEach(
                        event -> {
                            if (event.get("type").asString().equals("leg_over_tcp")) {
                                told.add(event.get("detail").asString());
                            }
                        });
        return told;
    }

    @Test
    void refusesFiguresThatCannotBe() {
        FakeAgent lender = fleet.lender(1);
        FakeAgent borrower = fleet.borrower();
        Http.Answer answer =
                borrower.http()
                        .post(
                                PATH,
                                Map.of(
                                        "measured",
                                        List.of(
                                                Map.of(
                                                        "lenderId", lender.hostId(),
                                                        "transport", "RDMA",
                                                        "samples", 20,
                                                        "minNanos", 10,
                                                        "medianNanos", 5,
                                                        "p99Nanos", 20))));
        assertThat(answer.status()).isBetween(400, 422);
        assertThat(host(borrower).at("/status/roundTrips")).isEmpty();
    }
}
