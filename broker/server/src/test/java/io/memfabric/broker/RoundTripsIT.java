package io.memfabric.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.memfabric.broker.testbed.FakeAgent;
import io.memfabric.broker.testbed.Fleet;
import io.memfabric.broker.testbed.Http;
import io.memfabric.contract.agent.AttachGrant;
import io.memfabric.contract.agent.DataTransport;
import io.memfabric.contract.agent.LegPlan;
import io.memfabric.contract.agent.MeasuredLender;
import io.memfabric.contract.agent.RoundTripReport;
import java.util.List;
import java.util.Map;
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
        return new RoundTripReport(
                null,
                List.of(
                        new MeasuredLender(
                                lender.hostId(), DataTransport.RDMA, 20, 900, median, 9000)));
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
