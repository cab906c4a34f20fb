package io.memfabric.client;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.memfabric.contract.vocabulary.AttachMode;
import io.memfabric.contract.vocabulary.LatencyClass;
import io.memfabric.contract.vocabulary.MemorySize;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class FabricTest {

    private static final UUID VM = UUID.fromString("00000000-0000-0000-0000-0000000000aa");
    private static final String GRANT = "00000000-0000-0000-0000-0000000000bb";
    private static final String OPERATION = "00000000-0000-0000-0000-0000000000cc";
    private static final MemorySize SIZE = MemorySize.ofGib(10);

    private ScriptedBroker broker = start();

    private static ScriptedBroker start() {
        try {
            return new ScriptedBroker();
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @BeforeEach
    void scriptTheUsual() {
        broker.answer("DELETE /api/v1/grants/" + GRANT, 202, accepted(true));
        broker.answer(
                "GET /api/v1/grants/" + GRANT,
                200,
                """
                {"id":"%s","status":{"sizeBytes":10737418240,"serial":"mf0123456789"}}"""
                        .formatted(GRANT));
    }

    @AfterEach
    void stop() {
        broker.close();
    }

    @Test
    void waitsUntilTheMemoryIsUsableAndReleasesItInClose() {
        broker.answer("POST /api/v1/grants", 202, accepted(false));
        broker.answer(waitFor(30), 200, operation(false, ""));
        broker.answer(waitFor(30), 200, operation(true, ""));
        try (Fabric fabric = Fabric.connect(broker.profile());
                Lease memory = fabric.allocate(patiently())) {
            assertThat(memory.size()).isEqualTo(SIZE);
            assertThat(memory.devicePath()).isEqualTo("/dev/disk/by-id/virtio-mf0123456789");
        }
        assertThat(broker.lines())
                .containsExactly(
                        "POST /api/v1/grants",
                        waitFor(30),
                        waitFor(30),
                        "GET /api/v1/grants/" + GRANT,
                        "DELETE /api/v1/grants/" + GRANT);
        assertThat(broker.seen().getFirst().body())
                .contains("\"sizeBytes\":10737418240", "\"latencyClass\":\"LOW\"", "\"DEVICE\"");
    }

    @Test
    void repeatsAPostUnderOneKeyUntilTheBrokerCanWork() {
        broker.answer("POST /api/v1/grants", 503, "", Map.of("Retry-After", "0"));
        broker.answer("POST /api/v1/grants", 202, accepted(true));
        try (Fabric fabric = Fabric.connect(broker.profile())) {
            assertThat(fabric.allocate(patiently()).id()).isEqualTo(UUID.fromString(GRANT));
        }
        assertThat(broker.seen().get(0).idempotencyKey()).hasSize(36);
        assertThat(broker.seen().get(1).idempotencyKey())
                .isEqualTo(broker.seen().get(0).idempotencyKey());
    }

    @Test
    void saysTheBrokersCodeWhenItRefuses() {
        broker.answer(
                "POST /api/v1/grants",
                409,
                """
                {"code":"insufficient_capacity","detail":"too few","retryable":true}""");
        try (Fabric fabric = Fabric.connect(broker.profile())) {
            assertThatThrownBy(() -> fabric.allocate(VM, SIZE, LatencyClass.ANY))
                    .isInstanceOfSatisfying(
                            FabricException.class,
                            e -> {
                                assertThat(e.code()).isEqualTo("insufficient_capacity");
                                assertThat(e.status()).isEqualTo(409);
                                assertThat(e.isRetryable()).isTrue();
                            });
        }
        assertThat(broker.lines()).containsExactly("POST /api/v1/grants");
    }

    @Test
    void releasesWhatBecameUsableTooLate() {
        broker.answer("POST /api/v1/grants", 202, accepted(false));
        broker.answer(waitFor(1), 200, operation(false, ""));
        try (Fabric fabric = Fabric.connect(broker.profile())) {
            assertThatThrownBy(
                            () -> fabric.allocate(patiently().withPatience(Duration.ofMillis(9))))
                    .hasMessageContaining(FabricException.TIMEOUT);
        }
        assertThat(broker.lines()).endsWith("DELETE /api/v1/grants/" + GRANT);
    }

    @Test
    void failsWithTheCodeOfAnOperationThatFailed() {
        broker.answer("POST /api/v1/grants", 202, accepted(false));
        broker.answer(
                waitFor(30),
                200,
                operation(true, ",\"error\":{\"code\":\"leg_lost\",\"detail\":\"gone\"}"));
        try (Fabric fabric = Fabric.connect(broker.profile())) {
            assertThatThrownBy(() -> fabric.allocate(patiently())).hasMessageContaining("leg_lost");
        }
    }

    @Test
    void findsAVmByNameOverSeveralPages() {
        broker.answer(
                "GET /api/v1/vms?pageSize=200",
                200,
                """
                {"items":[{"id":"x","status":{"name":"a"}}],"nextPageToken":"t+/="}""");
        broker.answer(
                "GET /api/v1/vms?pageSize=200&pageToken=t%2B%2F%3D",
                200,
                """
                {"items":[{"id":"%s","status":{"name":"db"}}],"nextPageToken":null}"""
                        .formatted(VM));
        try (Fabric fabric = Fabric.connect(broker.profile())) {
            assertThat(fabric.vm("db")).isEqualTo(VM);
            assertThatThrownBy(() -> fabric.vm("none")).hasMessageContaining("vm_not_found");
        }
    }

    @Test
    void namesTheRevisionThatItChanges() {
        broker.answer("GET /api/v1/fabric", 200, "{}", Map.of("ETag", "\"7\""));
        broker.answer("PATCH /api/v1/fabric", 200, "{}");
        try (Fabric fabric = Fabric.connect(broker.profile())) {
            fabric.rest().patch("/api/v1/fabric", Map.of());
        }
        assertThat(broker.seen().get(1).ifMatch()).isEqualTo("\"7\"");
    }

    @Test
    void takesNoTokenThatIsNotThere() {
        assertThatThrownBy(() -> Profile.of("http://localhost:1", Map.of()))
                .hasMessageContaining("token_missing");
        assertThatThrownBy(() -> Profile.of("localhost", Map.of(Profile.TOKEN, "t")))
                .hasMessageContaining("invalid_url");
        assertThat(Profile.of("http://h:1", Map.of(Profile.TOKEN, " t\n")))
                .isEqualTo(new Profile(URI.create("http://h:1"), "t", Optional.empty()));
    }

    private static GrantOrder patiently() {
        return GrantOrder.of(VM, SIZE)
                .withLatency(LatencyClass.LOW)
                .withMode(AttachMode.DEVICE)
                .withPatience(Duration.ofSeconds(60));
    }

    private static String waitFor(int seconds) {
        return "GET /api/v1/operations/" + OPERATION + "?wait=" + seconds;
    }

    private static String accepted(boolean done) {
        return "{\"operation\":" + operation(done, "") + "}";
    }

    private static String operation(boolean done, String more) {
        return "{\"id\":\"%s\",\"grantId\":\"%s\",\"done\":%s%s}"
                .formatted(OPERATION, GRANT, done, more);
    }
}
