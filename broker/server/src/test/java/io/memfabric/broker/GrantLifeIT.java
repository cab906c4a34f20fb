package io.memfabric.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.memfabric.broker.testbed.FakeAgent;
import io.memfabric.broker.testbed.Http;
import io.memfabric.broker.testbed.TestBroker;
import io.memfabric.contract.agent.AttachGrant;
import io.memfabric.contract.agent.DetachGrant;
import io.memfabric.contract.agent.FenceRegions;
import io.memfabric.contract.agent.PrepareRegions;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class GrantLifeIT {

    private static final long MIB = 1L << 20;

    private final TestBroker broker = TestBroker.shared();
    private final Http admin = broker.admin();

    @Test
    void givesMemoryAndTakesItBack() {
        FakeAgent lender = FakeAgent.lender(broker, "happy-lender", 4);
        FakeAgent borrower = FakeAgent.borrower(broker, "happy-borrower");

        Http.Answer created = create(borrower.vmId(), 130 * MIB, "happy");
        assertThat(created.status()).isEqualTo(202);
        String grant = created.body().at("/operation/grantId").asString();
        assertThat(state(grant)).isEqualTo("RESERVED");

        assertThat(lender.obey()).singleElement().isInstanceOf(PrepareRegions.class);
        assertThat(state(grant)).isEqualTo("PREPARED");
        assertThat(borrower.obey()).singleElement().isInstanceOf(AttachGrant.class);
        assertThat(state(grant)).isEqualTo("ACTIVE");
        assertThat(operation(created).at("/done").asBoolean()).isTrue();

        Http.Answer released = admin.delete("/api/v1/grants/" + grant);
        assertThat(released.status()).isEqualTo(202);
        assertThat(borrower.obey()).singleElement().isInstanceOf(DetachGrant.class);
        assertThat(state(grant)).isEqualTo("FENCED");
        assertThat(lender.obey()).singleElement().isInstanceOf(FenceRegions.class);
        assertThat(state(grant)).isEqualTo("RELEASED");
        assertThat(operation(released).at("/done").asBoolean()).isTrue();
    }

    private Http.Answer create(UUID vmId, long bytes, String key) {
        return admin.post(
                "/api/v1/grants",
                Map.of("spec", Map.of("vmId", vmId, "sizeBytes", bytes, "attachMode", "SWAP")),
                "Idempotency-Key",
                key);
    }

    private String state(String grant) {
        return admin.get("/api/v1/grants/" + grant).body().at("/status/state").asString();
    }

    private tools.jackson.databind.JsonNode operation(Http.Answer accepted) {
        return admin.get("/api/v1/operations/" + accepted.body().at("/operation/id").asString())
                .body();
    }
}
