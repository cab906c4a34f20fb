package io.memfabric.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.memfabric.broker.testbed.FakeAgent;
import io.memfabric.broker.testbed.Fleet;
import io.memfabric.broker.testbed.Http;
import io.memfabric.broker.testbed.TestBroker;
import io.memfabric.contract.agent.VmReport;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/// Lists, capacity, and what operators change.
class ListsIT {

    private static final long MIB = 1L << 20;

    private final Fleet fleet = new Fleet();

    @AfterEach
    void retire() {
        fleet.close();
    }

    @Test
    void walksThroughAListPageByPage() {
        FakeAgent lender = fleet.lender(5);
        for (int i = 0; i < 4; i++) {
            lender.addVm(VmReport.State.RUNNING, true);
        }
        lender.report();
        assertThat(walk("/api/v1/vms?pageSize=3&hostId=" + lender.hostId())).hasSize(4);
        assertThat(walk("/api/v1/regions?pageSize=2&hostId=" + lender.hostId())).hasSize(5);
        assertThat(walk("/api/v1/hosts?pageSize=1")).contains(lender.hostId().toString());
    }

    @Test
    void goesOnBehindAHostThatWasRemoved() {
        FakeAgent gone = FakeAgent.enroll(TestBroker.shared(), "gone-" + UUID.randomUUID());
        FakeAgent after = fleet.host();
        String path = "/api/v1/hosts/" + gone.hostId();
        fleet.admin()
                .patch(
                        path,
                        Map.of("spec", Map.of("scheduling", "DRAINED")),
                        "If-Match",
                        fleet.admin().get(path).etag().orElseThrow());
        assertThat(fleet.admin().delete(path).status()).isEqualTo(204);
        assertThat(walk("/api/v1/hosts?pageSize=1"))
                .contains(after.hostId().toString())
                .doesNotContain(gone.hostId().toString());
    }

    @Test
    void listsTheGrantsOfAVmWithoutTheirExtents() {
        fleet.lender(2);
        FakeAgent borrower = fleet.borrower();
        String first = fleet.active(borrower, 64 * MIB, 1);
        String second = fleet.active(borrower, 64 * MIB, 1);
        assertThat(walk("/api/v1/grants?pageSize=1&vmId=" + borrower.vmId()))
                .containsExactly(first, second);
        JsonNode page = fleet.admin().get("/api/v1/grants?vmId=" + borrower.vmId()).body();
        assertThat(page.at("/items/0/status").has("extents")).isFalse();
        assertThat(fleet.grant(first).at("/status").has("extents")).isTrue();
    }

    private List<String> walk(String path) {
        List<String> ids = new ArrayList<>();
        String token = "";
        do {
            JsonNode page = fleet.admin().get(path + token).body();
            page.get("items").forEach(item -> ids.add(item.at("/id").asString()));
            JsonNode next = page.get("nextPageToken");
            token = next.isNull() ? "" : "&pageToken=" + next.asString();
        } while (!token.isEmpty());
        assertThat(ids).doesNotHaveDuplicates();
        return ids;
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-1", "201", "99999999999"})
    void refusesAPageThatIsTooLargeOrNone(String size) {
        assertThat(fleet.admin().get("/api/v1/hosts?pageSize=" + size).status()).isEqualTo(400);
    }

    @ParameterizedTest
    @ValueSource(strings = {"x", "azE6", "azE6eA", "bm90aGluZw"})
    void refusesAPageTokenThatItNeverGave(String token) {
        for (String list : List.of("hosts", "vms", "grants", "regions", "capacity")) {
            assertThat(fleet.admin().get("/api/v1/" + list + "?pageToken=" + token).code())
                    .as(list)
                    .isEqualTo("invalid_page_token");
        }
    }

    @Test
    void countsWhatIsOfferedLentAndFree() {
        JsonNode before = fleet.admin().get("/api/v1/capacity").body().at("/total");
        FakeAgent lender = fleet.lender(3);
        FakeAgent borrower = fleet.borrower();
        fleet.active(borrower, 64 * MIB, 1);
        fleet.hear();
        JsonNode total = fleet.admin().get("/api/v1/capacity").body().at("/total");
        assertThat(grown(before, total, "offeredBytes")).isEqualTo(192 * MIB);
        assertThat(grown(before, total, "lentBytes")).isEqualTo(64 * MIB);
        JsonNode host = capacityOf(lender);
        assertThat(host.at("/freeBytes").asLong()).isEqualTo(128 * MIB);
        assertThat(host.at("/harvestedBytes").asLong()).isEqualTo(1L << 30);
    }

    private static long grown(JsonNode before, JsonNode after, String field) {
        return after.get(field).asLong() - before.get(field).asLong();
    }

    private JsonNode capacityOf(FakeAgent host) {
        String token = "";
        for (; ; ) {
            JsonNode page =
                    fleet.admin().get("/api/v1/capacity?pageSize=200" + token).body().at("/hosts");
            for (JsonNode item : page.get("items")) {
                if (item.at("/hostId").asString().equals(host.hostId().toString())) {
                    return item;
                }
            }
            token = "&pageToken=" + page.get("nextPageToken").asString();
        }
    }

    @Test
    void tellsAHostItsNewModeAndLimit() {
        FakeAgent host = fleet.host();
        String path = "/api/v1/hosts/" + host.hostId();
        Http.Answer before = fleet.admin().get(path);
        assertThat(before.body().at("/spec/mode").asString()).isEqualTo("OBSERVE");
        Http.Answer after =
                fleet.admin()
                        .patch(
                                path,
                                Map.of("spec", Map.of("mode", "PAUSE", "lendLimitBytes", 77)),
                                "If-Match",
                                before.etag().orElseThrow());
        assertThat(after.body().at("/spec/lendLimitBytes").asLong()).isEqualTo(77);
        assertThat(after.etag()).isNotEqualTo(before.etag());
        assertThat(host.report().mode().name()).isEqualTo("PAUSE");
        assertThat(host.report().lendLimitBytes()).isEqualTo(77);
    }

    @Test
    void changesNothingThatTheCallerHasNotSeen() {
        FakeAgent host = fleet.host();
        String path = "/api/v1/hosts/" + host.hostId();
        Map<String, Object> patch = Map.of("spec", Map.of("mode", "PAUSE"));
        assertThat(fleet.admin().patch(path, patch).code()).isEqualTo("precondition_required");
        assertThat(fleet.admin().patch(path, patch, "If-Match", "\"999\"").code())
                .isEqualTo("revision_conflict");
        assertThat(fleet.admin().patch(path, patch, "If-Match", "*").code())
                .isEqualTo("revision_conflict");
        Map<String, Object> bad = Map.of("spec", Map.of("lendLimitBytes", -1));
        assertThat(fleet.admin().patch(path, bad, "If-Match", "\"0\"").code())
                .isEqualTo("invalid_size");
        assertThat(fleet.admin().get(path).body().at("/spec/mode").asString()).isEqualTo("OBSERVE");
    }

    @Test
    void doesNotKnowWhatDoesNotExist() {
        String id = "/00000000-0000-7000-8000-000000000000";
        assertThat(fleet.admin().get("/api/v1/hosts" + id).code()).isEqualTo("host_not_found");
        assertThat(fleet.admin().get("/api/v1/vms" + id).code()).isEqualTo("vm_not_found");
        assertThat(fleet.admin().get("/api/v1/grants" + id).code()).isEqualTo("grant_not_found");
        assertThat(fleet.admin().delete("/api/v1/grants" + id).code()).isEqualTo("grant_not_found");
        assertThat(fleet.admin().get("/api/v1/operations" + id + "?wait=30").code())
                .isEqualTo("operation_not_found");
        assertThat(fleet.admin().get("/api/v1/grants/1").code()).isEqualTo("malformed_request");
        assertThat(fleet.admin().get("/api/v1/nothing").code()).isEqualTo("not_found");
    }

    @Test
    void answersAnOperationWhenItIsDone() throws Exception {
        fleet.lender(1);
        FakeAgent borrower = fleet.borrower();
        Http.Answer created = fleet.create(Fleet.spec(borrower.vmId(), 64 * MIB));
        String path = "/api/v1/operations/" + Fleet.operationOf(created);
        assertThat(fleet.admin().get(path + "?wait=1").body().at("/done").asBoolean()).isFalse();
        assertThat(fleet.admin().get(path + "?wait=31").code()).isEqualTo("invalid_wait");
        try (var threads = java.util.concurrent.Executors.newVirtualThreadPerTaskExecutor()) {
            var waiting = threads.submit(() -> fleet.admin().get(path + "?wait=30").body());
            fleet.settle();
            assertThat(waiting.get().at("/done").asBoolean()).isTrue();
        }
    }
}
