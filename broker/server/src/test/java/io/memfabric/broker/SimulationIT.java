package io.memfabric.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.memfabric.broker.testbed.FakeAgent;
import io.memfabric.broker.testbed.Fleet;
import io.memfabric.broker.testbed.Http;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/// What would happen if: several grants at once, and hosts that are lost.
class SimulationIT {

    private static final long MIB = 1L << 20;

    private final Fleet fleet = new Fleet();

    @AfterEach
    void retire() {
        fleet.close();
    }

    @Test
    void placesEachGrantOnWhatThoseBeforeItLeave() {
        FakeAgent lender = fleet.lender(3);
        FakeAgent borrower = fleet.borrower();
        Map<String, Object> two = Fleet.spec(borrower.vmId(), 128 * MIB);
        JsonNode outcome = simulate(List.of(two, two), List.of());
        assertThat(outcome.at("/survives").asBoolean()).isFalse();
        assertThat(outcome.at("/grants/0/placed").asBoolean()).isTrue();
        assertThat(outcome.at("/grants/1/placed").asBoolean()).isFalse();
        assertThat(outcome.at("/grants/1/placement/code").asString())
                .isEqualTo("insufficient_capacity");
        Map<String, Object> one = Fleet.spec(borrower.vmId(), 64 * MIB);
        assertThat(simulate(List.of(two, one), List.of()).at("/survives").asBoolean()).isTrue();
        assertThat(fleet.regionStates(lender)).containsOnly("FREE");
    }

    @Test
    void tellsWhatTheLossOfAHostWouldCost() {
        FakeAgent one = fleet.lender(2);
        FakeAgent other = fleet.lender(2);
        FakeAgent borrower = fleet.borrower();
        String mirrored = fleet.active(borrower, 64 * MIB, 2);
        JsonNode outcome = simulate(List.of(), List.of(one.hostId()));
        assertThat(outcome.at("/loss/legs").asInt()).isEqualTo(1);
        assertThat(outcome.at("/loss/replaced").asInt())
                .as("the other lender has the other copy")
                .isZero();
        assertThat(outcome.at("/survives").asBoolean()).isTrue();
        assertThat(outcome.at("/loss/grants/0/grantId").asString()).isEqualTo(mirrored);

        fleet.lender(1);
        assertThat(simulate(List.of(), List.of(one.hostId())).at("/loss/replaced").asInt())
                .isEqualTo(1);
        JsonNode both = simulate(List.of(), List.of(one.hostId(), other.hostId()));
        assertThat(both.at("/loss/grantsWithLostPages").asInt()).isEqualTo(1);
        assertThat(both.at("/survives").asBoolean()).isFalse();
        assertThat(fleet.state(mirrored)).isEqualTo("ACTIVE");
    }

    @Test
    void refusesWhatCannotBeAsked() {
        FakeAgent borrower = fleet.borrower();
        assertThat(ask(List.of(), List.of(UUID.randomUUID())).code()).isEqualTo("host_not_found");
        Map<String, Object> bad = Fleet.spec(borrower.vmId(), 0);
        assertThat(ask(List.of(bad), List.of()).code()).isEqualTo("invalid_size");
        JsonNode nobody = simulate(List.of(Fleet.spec(UUID.randomUUID(), 64 * MIB)), List.of());
        assertThat(nobody.at("/grants/0/code").asString()).isEqualTo("vm_not_found");
        JsonNode withItsHost =
                simulate(
                        List.of(Fleet.spec(borrower.vmId(), 64 * MIB)), List.of(borrower.hostId()));
        assertThat(withItsHost.at("/grants/0/code").asString()).isEqualTo("host_unreachable");
    }

    private JsonNode simulate(List<Map<String, Object>> grants, List<UUID> lost) {
        Http.Answer answer = ask(grants, lost);
        assertThat(answer.status()).as(answer.toString()).isEqualTo(200);
        return answer.body();
    }

    private Http.Answer ask(List<Map<String, Object>> grants, List<UUID> lost) {
        fleet.hear();
        return fleet.admin()
                .post(
                        "/api/v1/placements:simulate",
                        Map.of("spec", Map.of("grants", grants, "lostHosts", lost)));
    }
}
