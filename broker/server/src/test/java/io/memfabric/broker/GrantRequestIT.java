package io.memfabric.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.memfabric.broker.testbed.FakeAgent;
import io.memfabric.broker.testbed.Fleet;
import io.memfabric.broker.testbed.Http;
import io.memfabric.contract.agent.VmReport;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Requests for grants that cannot be.
class GrantRequestIT {

    private static final long MIB = 1L << 20;

    private final Fleet fleet = new Fleet();

    @AfterEach
    void retire() {
        fleet.close();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "0",
                "-1",
                "1099511627777",
                "9223372036854775807",
                "9223372036854775808",
                "99999999999999999999999999",
                "1.5",
                "1e400",
                "1e9",
                "67108864.0",
                "\"1GiB\"",
                "\"67108864\"",
                "null",
                "true",
                "{}",
                "[67108864]"
            })
    void refusesASizeThatCannotBe(String size) {
        FakeAgent borrower = fleet.borrower();
        Http.Answer answer =
                fleet.admin()
                        .postRaw(
                                "/api/v1/grants",
                                "{\"spec\":{\"vmId\":\"%s\",\"sizeBytes\":%s,\"attachMode\":\"SWAP\"}}"
                                        .formatted(borrower.vmId(), size),
                                "Idempotency-Key",
                                UUID.randomUUID().toString());
        assertThat(answer.code()).isEqualTo("invalid_size");
        assertThat(answer.status()).isEqualTo(422);
        assertThat(answer.body().at("/retryable").asBoolean()).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "{",
                "null",
                "[]",
                "{}",
                "{\"spec\":null}",
                "{\"spec\":{\"vmId\":\"VM\",\"sizeBytes\":1}}",
                "{\"spec\":{\"sizeBytes\":1,\"attachMode\":\"SWAP\"}}",
                "{\"spec\":{\"vmId\":\"VM\",\"sizeBytes\":1,\"attachMode\":\"LOCAL\"}}",
                "{\"spec\":{\"vmId\":\"VM\",\"sizeBytes\":1,\"attachMode\":0}}",
                "{\"spec\":{\"vmId\":\"here\",\"sizeBytes\":1,\"attachMode\":\"SWAP\"}}",
                "{\"spec\":{\"vmId\":\"VM\",\"sizeBytes\":1,\"attachMode\":\"SWAP\",\"copies\":\"1\"}}",
                "{\"spec\":{\"vmId\":\"VM\",\"sizeBytes\":1,\"attachMode\":\"SWAP\",\"size\":1}}",
                "{\"spec\":{\"vmId\":\"VM\",\"sizeBytes\":1,\"attachMode\":\"SWAP\"},\"x\":1}",
                "{\"spec\":{\"vmId\":\"VM\",\"sizeBytes\":1,\"sizeBytes\":2,\"attachMode\":\"SWAP\"}}",
                "{\"spec\":{\"vmId\":\"VM\",\"sizeBytes\":1,\"attachMode\":\"SWAP\"}} {}"
            })
    void refusesABodyThatItDoesNotUnderstandWhole(String body) {
        FakeAgent borrower = fleet.borrower();
        Http.Answer answer =
                fleet.admin()
                        .postRaw(
                                "/api/v1/grants",
                                body.replace("VM", borrower.vmId().toString()),
                                "Idempotency-Key",
                                UUID.randomUUID().toString());
        assertThat(answer.code()).isEqualTo("malformed_request");
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.body().at("/detail").asString()).doesNotContain("io.memfabric", "java.");
    }

    @Test
    void refusesCopiesThatThereAreNot() {
        FakeAgent borrower = fleet.borrower();
        for (int copies : List.of(0, -1, 3)) {
            Map<String, Object> spec = Fleet.spec(borrower.vmId(), 64 * MIB);
            spec.put("copies", copies);
            assertThat(fleet.create(spec).code()).isEqualTo("invalid_copies");
        }
    }

    @Test
    void refusesAVmThatNobodyHas() {
        Http.Answer answer = fleet.create(Fleet.spec(UUID.randomUUID(), 64 * MIB));
        assertThat(answer.status()).isEqualTo(404);
        assertThat(answer.code()).isEqualTo("vm_not_found");
    }

    @Test
    void refusesAVmThatDoesNotRunOrHasNoDaemon() {
        fleet.lender(1);
        FakeAgent host = fleet.host();
        UUID off = host.addVm(VmReport.State.OFF, false);
        UUID paused = host.addVm(VmReport.State.PAUSED, true);
        UUID mute = host.addVm(VmReport.State.RUNNING, false);
        assertThat(fleet.create(Fleet.spec(off, 64 * MIB)).code()).isEqualTo("vm_not_running");
        assertThat(fleet.create(Fleet.spec(paused, 64 * MIB)).code()).isEqualTo("vm_not_running");
        assertThat(fleet.create(Fleet.spec(mute, 64 * MIB)).code())
                .isEqualTo("guest_daemon_missing");
        Map<String, Object> device = Fleet.spec(mute, 64 * MIB);
        device.put("attachMode", "DEVICE");
        assertThat(fleet.create(device).status()).isEqualTo(202);
    }

    @Test
    void refusesAClassThatNothingWasMeasuredFor() {
        fleet.lender(1);
        Map<String, Object> spec = Fleet.spec(fleet.borrower().vmId(), 64 * MIB);
        spec.put("latencyClass", "LOW");
        assertThat(fleet.create(spec).code()).isEqualTo("latency_class_unavailable");
    }

    @Test
    void needsAnIdempotencyKey() {
        Map<String, Object> spec = Fleet.spec(fleet.borrower().vmId(), 64 * MIB);
        Http.Answer without = fleet.admin().post("/api/v1/grants", Map.of("spec", spec));
        assertThat(without.status()).isEqualTo(400);
        assertThat(without.code()).isEqualTo("idempotency_key_required");
        assertThat(fleet.create(spec, "x".repeat(201)).code())
                .isEqualTo("idempotency_key_required");
    }

    @Test
    void answersARepeatedRequestWithTheSameOperation() {
        FakeAgent lender = fleet.lender(4);
        FakeAgent borrower = fleet.borrower();
        String key = UUID.randomUUID().toString();
        Http.Answer first = fleet.create(Fleet.spec(borrower.vmId(), 64 * MIB), key);
        Http.Answer second = fleet.create(Fleet.spec(borrower.vmId(), 64 * MIB), key);
        assertThat(second.status()).isEqualTo(202);
        assertThat(Fleet.operationOf(second)).isEqualTo(Fleet.operationOf(first));
        assertThat(fleet.regionStates(lender)).containsOnlyOnce("CLAIMED");

        fleet.settle();
        Http.Answer third = fleet.create(Fleet.spec(borrower.vmId(), 64 * MIB), key);
        assertThat(third.body().at("/operation/done").asBoolean()).isTrue();
    }

    @Test
    void refusesAKeyThatBelongsToAnotherRequest() {
        FakeAgent lender = fleet.lender(4);
        FakeAgent borrower = fleet.borrower();
        String key = UUID.randomUUID().toString();
        fleet.create(Fleet.spec(borrower.vmId(), 64 * MIB), key);
        Http.Answer other = fleet.create(Fleet.spec(borrower.vmId(), 128 * MIB), key);
        assertThat(other.status()).isEqualTo(422);
        assertThat(other.code()).isEqualTo("idempotency_key_reused");
        assertThat(fleet.regionStates(lender)).containsOnlyOnce("CLAIMED");
    }

    @Test
    void letsARefusedRequestBeTriedAgainUnderItsKey() {
        FakeAgent borrower = fleet.borrower();
        String key = UUID.randomUUID().toString();
        assertThat(fleet.create(Fleet.spec(borrower.vmId(), 64 * MIB), key).code())
                .isEqualTo("insufficient_capacity");
        fleet.lender(1);
        assertThat(fleet.create(Fleet.spec(borrower.vmId(), 64 * MIB), key).status())
                .isEqualTo(202);
    }
}
