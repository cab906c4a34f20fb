package io.memfabric.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.memfabric.broker.testbed.FakeAgent;
import io.memfabric.broker.testbed.Fleet;
import io.memfabric.broker.testbed.Http;
import java.io.BufferedReader;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import tools.jackson.databind.JsonNode;

/// The record of what happened, as a list and as a stream.
class EventsIT {

    private static final long MIB = 1L << 20;

    private final Fleet fleet = new Fleet();

    @AfterEach
    void retire() {
        fleet.close();
    }

    @Test
    void tellsTheLifeOfAGrantInOrder() {
        fleet.lender(1);
        FakeAgent borrower = fleet.borrower();
        long before = lastEvent();
        String grant = fleet.active(borrower, 64 * MIB, 1);
        fleet.release(grant);
        fleet.settle();
        assertThat(typesOf(grant, before))
                .containsExactly(
                        "grant_reserved",
                        "grant_prepared",
                        "grant_active",
                        "grant_draining",
                        "grant_fenced",
                        "grant_released");
    }

    @Test
    @Timeout(60)
    void streamsWhatComesAfterTheLastThatWasSeen() throws IOException {
        fleet.lender(1);
        FakeAgent borrower = fleet.borrower();
        long before = lastEvent();
        String grant = fleet.active(borrower, 64 * MIB, 1);
        try (BufferedReader stream =
                fleet.admin().stream("/api/v1/events", "Last-Event-ID", Long.toString(before))) {
            assertThat(next(stream, grant)).isEqualTo("grant_reserved");
            assertThat(next(stream, grant)).isEqualTo("grant_prepared");
            assertThat(next(stream, grant)).isEqualTo("grant_active");
            fleet.release(grant);
            assertThat(next(stream, grant)).isEqualTo("grant_draining");
        }
    }

    @Test
    void pagesBackFromTheNewestOfOneThing() {
        fleet.lender(1);
        FakeAgent borrower = fleet.borrower();
        String grant = fleet.active(borrower, 64 * MIB, 1);
        String path = "/api/v1/events?newest=true&pageSize=2&grantId=" + grant;
        JsonNode first = fleet.admin().get(path).body();
        assertThat(typesIn(first)).containsExactly("grant_active", "grant_prepared");
        String token = first.get("nextPageToken").asString();
        JsonNode second = fleet.admin().get(path + "&pageToken=" + token).body();
        assertThat(typesIn(second)).containsExactly("grant_reserved");
        assertThat(second.get("nextPageToken").isNull()).isTrue();
    }

    private static List<String> typesIn(JsonNode page) {
        List<String> types = new ArrayList<>();
        page.get("items").forEach(event -> types.add(event.get("type").asString()));
        return types;
    }

    @Test
    void refusesANumberThatIsNone() {
        Http.Answer answer =
                fleet.admin()
                        .send(
                                "GET",
                                "/api/v1/events",
                                null,
                                "Accept",
                                "text/event-stream",
                                "Last-Event-ID",
                                "x");
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.code()).isEqualTo("invalid_event_id");
    }

    /// The type of the next event about a grant.
    private static String next(BufferedReader stream, String grant) throws IOException {
        for (; ; ) {
            String line = stream.readLine();
            if (line == null) {
                throw new AssertionError("the stream ended");
            }
            if (line.startsWith("data: ") && line.contains(grant)) {
                return Http.JSON.readTree(line.substring(6)).at("/type").asString();
            }
        }
    }

    private long lastEvent() {
        long last = 0;
        for (; ; ) {
            JsonNode items =
                    fleet.admin()
                            .get("/api/v1/events?pageSize=200&after=" + last)
                            .body()
                            .get("items");
            if (items.isEmpty()) {
                return last;
            }
            last = items.get(items.size() - 1).at("/id").asLong();
        }
    }

    private List<String> typesOf(String grant, long after) {
        List<String> types = new ArrayList<>();
        fleet.admin()
                .get("/api/v1/events?pageSize=200&after=" + after)
                .body()
                .get("items")
                .forEach(
                        event -> {
                            if (event.at("/grantId").asString("").equals(grant)) {
                                types.add(event.at("/type").asString());
                            }
                        });
        return types;
    }
}
