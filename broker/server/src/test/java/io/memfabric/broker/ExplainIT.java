package io.memfabric.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.memfabric.broker.testbed.FakeAgent;
import io.memfabric.broker.testbed.Fleet;
import io.memfabric.broker.testbed.Http;
import io.memfabric.broker.testbed.TestBroker;
import io.memfabric.contract.vocabulary.HarvestMode;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/// Why balloons are as they are, and the switch that stops them all.
class ExplainIT {

    private final Fleet fleet = new Fleet();

    @AfterEach
    void retire() {
        fleet.close();
    }

    private List<String> rules(UUID vmId) {
        JsonNode decisions =
                fleet.admin().get("/api/v1/vms/" + vmId + "/explain").body().path("decisions");
        return StreamSupport.stream(decisions.spliterator(), false)
                .map(decision -> decision.path("rule").asString())
                .toList();
    }

    @Test
    void tellsTheNewestDecisionFirstAndEachOnce() {
        FakeAgent agent = fleet.borrower();
        assertThat(agent.decide(1, "IDLE").status()).isEqualTo(204);
        agent.decide(2, "NEARLY_OUT");
        agent.decide(1, "IDLE");

        assertThat(rules(agent.vmId())).containsExactly("NEARLY_OUT", "IDLE");
    }

    @Test
    void keepsNoMoreThanItPromises() {
        FakeAgent agent = fleet.borrower();
        for (int sequence = 1; sequence <= 70; sequence++) {
            agent.decide(sequence, "RULE_" + sequence);
        }
        assertThat(rules(agent.vmId())).hasSize(64).startsWith("RULE_70").endsWith("RULE_7");
    }

    @Test
    void knowsNothingOfAVmThatItDoesNotKnow() {
        assertThat(fleet.admin().get("/api/v1/vms/" + UUID.randomUUID() + "/explain").status())
                .isEqualTo(404);
    }

    @Test
    void recordsAGuestThatDoesNotFollowOnce() {
        FakeAgent agent = fleet.borrower();
        agent.decide(1, "NOT_FOLLOWING");
        agent.decide(1, "NOT_FOLLOWING");

        assertThat(events())
                .filteredOn(e -> e.contains("guest_uncooperative"))
                .filteredOn(e -> e.contains(agent.vmId().toString()))
                .hasSize(1);
    }

    /// All events, page by page: other tests add to them too.
    private List<String> events() {
        List<String> all = new ArrayList<>();
        String page = "";
        do {
            JsonNode body = fleet.admin().get("/api/v1/events?pageSize=200" + page).body();
            body.path("items").forEach(event -> all.add(event.toString()));
            page = "&pageToken=" + body.path("nextPageToken").asString("");
        } while (!page.endsWith("="));
        return all;
    }

    @Test
    void stopsAllHarvestingAndAllowsItAgain() {
        FakeAgent agent = fleet.borrower();
        agent.change(TestBroker.shared(), HarvestMode.HARVEST, 1L << 40);
        assertThat(agent.report().mode()).isEqualTo(HarvestMode.HARVEST);
        try {
            assertThat(turn("STOPPED").status()).isEqualTo(200);
            assertThat(agent.report().mode()).isEqualTo(HarvestMode.PAUSE);
        } finally {
            assertThat(turn("ALLOWED").status()).isEqualTo(200);
        }
        assertThat(agent.report().mode()).isEqualTo(HarvestMode.HARVEST);
    }

    private Http.Answer turn(String harvesting) {
        long revision = fleet.admin().get("/api/v1/fabric").body().path("revision").asLong();
        return fleet.admin()
                .patch(
                        "/api/v1/fabric",
                        Map.of("spec", Map.of("harvesting", harvesting)),
                        "If-Match",
                        "\"" + revision + "\"");
    }
}
