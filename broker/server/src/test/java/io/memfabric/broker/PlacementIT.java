package io.memfabric.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.memfabric.broker.testbed.FakeAgent;
import io.memfabric.broker.testbed.Fleet;
import io.memfabric.broker.testbed.Http;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/// Where grants go, and what is told of it.
class PlacementIT {

    private static final long MIB = 1L << 20;

    private final Fleet fleet = new Fleet();

    @AfterEach
    void retire() {
        rules(Map.of("largestSharePercent", 100, "surviveLargestLender", false));
        fleet.close();
    }

    @Test
    void tellsWhereAGrantWouldGoAndMakesNone() {
        FakeAgent lender = fleet.lender(2);
        FakeAgent borrower = fleet.borrower();

        Http.Answer would = validate(borrower, 128 * MIB, 1);
        assertThat(would.status()).isEqualTo(200);
        assertThat(would.body().at("/placed").asBoolean()).isTrue();
        assertThat(would.body().at("/lenders/0/hostId").asString())
                .isEqualTo(lender.hostId().toString());
        assertThat(fleet.regionStates(lender)).containsOnly("FREE");
        assertThat(lender.commands()).isEmpty();

        Http.Answer not = validate(borrower, 192 * MIB, 1);
        assertThat(not.status()).isEqualTo(200);
        assertThat(not.body().at("/code").asString()).isEqualTo("insufficient_capacity");
        assertThat(not.body().at("/seen/wouldChange/0").asString())
                .isEqualTo("1 more free regions on usable hosts");
    }

    @Test
    void keepsTheLegsOfAnExtentInDifferentRacks() {
        FakeAgent one = fleet.lender(2);
        FakeAgent two = fleet.lender(2);
        FakeAgent borrower = fleet.borrower();
        label(one, "r1");
        label(two, "r1");
        assertThat(validate(borrower, 64 * MIB, 2).body().at("/placed").asBoolean()).isFalse();
        label(two, "r2");
        assertThat(validate(borrower, 64 * MIB, 2).body().at("/placed").asBoolean()).isTrue();
    }

    @Test
    void explainsWhyAGrantIsWhereItIs() {
        FakeAgent lender = fleet.lender(1);
        FakeAgent borrower = fleet.borrower();
        String grant = fleet.active(borrower, 64 * MIB, 1);

        JsonNode why = fleet.admin().get("/api/v1/grants/" + grant + "/explain").body();
        assertThat(why.at("/placement/because").asString()).contains("1 x 1 regions");
        assertThat(why.at("/placement/lenders/0/hostId").asString())
                .isEqualTo(lender.hostId().toString());
        assertThat(why.at("/placement/seen/refused").toString())
                .contains("it is the borrower's own host");
        fleet.release(grant);
        fleet.settle();
    }

    @Test
    void holdsAGrantWithinTheRulesOfTheFabric() {
        fleet.lender(4);
        fleet.lender(1);
        FakeAgent borrower = fleet.borrower();
        assertThat(validate(borrower, 256 * MIB, 1).body().at("/placed").asBoolean()).isTrue();
        rules(Map.of("largestSharePercent", 50));
        assertThat(validate(borrower, 256 * MIB, 1).body().at("/code").asString())
                .isEqualTo("insufficient_capacity");
        rules(Map.of("largestSharePercent", 100, "surviveLargestLender", true));
        assertThat(validate(borrower, 256 * MIB, 1).body().at("/code").asString())
                .isEqualTo("not_survivable");
        assertThat(rules(Map.of("largestSharePercent", 0)).code())
                .isEqualTo("invalid_placement_rule");
    }

    private Http.Answer validate(FakeAgent borrower, long bytes, int copies) {
        fleet.hear();
        Map<String, Object> spec = Fleet.spec(borrower.vmId(), bytes);
        spec.put("copies", copies);
        return fleet.admin().post("/api/v1/grants?validateOnly=true", Map.of("spec", spec));
    }

    private void label(FakeAgent host, String rack) {
        String path = "/api/v1/hosts/" + host.hostId();
        fleet.admin()
                .patch(
                        path,
                        Map.of("spec", Map.of("failureDomain", Map.of("rack", rack))),
                        "If-Match",
                        fleet.admin().get(path).etag().orElseThrow());
    }

    private Http.Answer rules(Map<String, Object> spec) {
        return fleet.admin()
                .patch(
                        "/api/v1/fabric",
                        Map.of("spec", spec),
                        "If-Match",
                        fleet.admin().get("/api/v1/fabric").etag().orElseThrow());
    }
}
