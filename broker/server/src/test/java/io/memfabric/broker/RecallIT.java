package io.memfabric.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.memfabric.broker.testbed.FakeAgent;
import io.memfabric.broker.testbed.Fleet;
import io.memfabric.broker.testbed.Http;
import io.memfabric.broker.testbed.Poll;
import io.memfabric.contract.agent.AgentCommand;
import io.memfabric.contract.agent.DropLegs;
import io.memfabric.contract.agent.FenceRegions;
import io.memfabric.contract.agent.LegReport;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/// Lenders that need their memory back, and hosts that are taken out of service.
class RecallIT {

    private static final long MIB = 1L << 20;

    private final Fleet fleet = new Fleet();

    @AfterEach
    void retire() {
        fleet.close();
    }

    @Test
    void dropsSecondCopiesAndGivesTheMemoryBackAtOnce() {
        FakeAgent lender = fleet.lender(2);
        FakeAgent kept = fleet.lender(2);
        FakeAgent borrower = fleet.borrower();
        String grant = fleet.active(borrower, 128 * MIB, 2);

        Http.Answer recall = recall(lender, 128 * MIB);
        assertThat(recall.status()).isEqualTo(202);
        assertThat(fleet.state(grant)).isEqualTo("RECALLING");
        assertThat(recall.body().at("/status/plan").asString()).contains("2 regions by dropping");
        assertThat(lender.commands()).isEmpty();
        assertThat(borrower.obey()).hasOnlyElementsOfTypes(DropLegs.class);
        assertThat(fleet.state(grant)).isEqualTo("DEGRADED");
        List<AgentCommand> fences = lender.obey();
        assertThat(fences).hasOnlyElementsOfTypes(FenceRegions.class);
        assertThat(fences).allMatch(c -> ((FenceRegions) c).withdraw());
        assertThat(lender.offered()).isZero();
        assertThat(fleet.regions(lender)).isEmpty();
        await(() -> "DONE".equals(stateOf(recall)));

        FakeAgent third = fleet.lender(2);
        borrower.sync();
        await(() -> third.obey().size() > 0);
        borrower.obey();
        borrower.say(UUID.fromString(grant), List.of());
        borrower.sync();
        assertThat(fleet.state(grant)).isEqualTo("ACTIVE");
        assertThat(borrower.legsAt(third)).hasSize(2);
        assertThat(borrower.legsAt(kept)).hasSize(2);
        fleet.release(grant);
        fleet.settle();
        assertThat(fleet.regionStates(third)).containsOnly("FREE");
        assertThat(fleet.regionStates(kept)).containsOnly("FREE");
    }

    @Test
    void recallsNoMoreThanWasAskedFor() {
        FakeAgent lender = fleet.lender(3);
        FakeAgent kept = fleet.lender(3);
        FakeAgent borrower = fleet.borrower();
        String grant = fleet.active(borrower, 192 * MIB, 2);

        recall(lender, 64 * MIB);
        fleet.settle();
        assertThat(fleet.regions(lender)).hasSize(2);
        assertThat(fleet.regionStates(lender)).containsOnly("CLAIMED");
        assertThat(fleet.regionStates(kept)).containsOnly("CLAIMED");
        fleet.release(grant);
        fleet.settle();
    }

    @Test
    void movesASingleCopy() {
        FakeAgent lender = fleet.lender(2);
        FakeAgent borrower = fleet.borrower();
        String grant = fleet.active(borrower, 128 * MIB, 1);
        FakeAgent other = fleet.lender(4);

        Http.Answer recall = recall(lender, 128 * MIB);
        assertThat(fleet.state(grant)).isEqualTo("RECALLING");
        other.obey();
        assertThat(lender.commands()).isEmpty();
        borrower.obey();
        assertThat(fleet.state(grant)).isEqualTo("ACTIVE");
        lender.obey();
        assertThat(fleet.regions(lender)).isEmpty();
        assertThat(borrower.legsAt(other)).hasSize(2);
        await(() -> "DONE".equals(stateOf(recall)));
        fleet.release(grant);
        fleet.settle();
        assertThat(fleet.regionStates(other)).containsOnly("FREE");
    }

    @Test
    void leavesTheLastCopyWhereItIsWhenThereIsNoOtherPlace() {
        FakeAgent lender = fleet.lender(1);
        FakeAgent borrower = fleet.borrower();
        String grant = fleet.active(borrower, 64 * MIB, 1);

        Http.Answer recall = recall(lender, 64 * MIB);
        assertThat(recall.body().at("/status/problem").asString()).contains("no place elsewhere");
        assertThat(fleet.state(grant)).isEqualTo("ACTIVE");
        assertThat(lender.commands()).isEmpty();
        assertThat(borrower.commands()).isEmpty();
        assertThat(fleet.regionStates(lender)).containsOnly("CLAIMED");
        fleet.release(grant);
        fleet.settle();
    }

    @Test
    void leavesALegThatTheBorrowerNeeds() {
        FakeAgent lender = fleet.lender(1);
        FakeAgent broken = fleet.lender(1);
        FakeAgent borrower = fleet.borrower();
        String grant = fleet.active(borrower, 64 * MIB, 2);
        borrower.say(UUID.fromString(grant), broken, LegReport.Reach.BROKEN);
        borrower.sync();

        recall(lender, 64 * MIB);
        assertThat(borrower.commands()).isEmpty();
        assertThat(fleet.state(grant)).isEqualTo("DEGRADED");
        fleet.release(grant);
        fleet.settle();
    }

    @Test
    void goesOnAsBeforeWhenTheBorrowerRefuses() {
        FakeAgent lender = fleet.lender(1);
        FakeAgent kept = fleet.lender(1);
        FakeAgent borrower = fleet.borrower();
        String grant = fleet.active(borrower, 64 * MIB, 2);

        recall(lender, 64 * MIB);
        borrower.refuse("leg_needed");
        assertThat(fleet.state(grant)).isEqualTo("ACTIVE");
        assertThat(fleet.grant(grant).at("/status/problem/code").asString())
                .isEqualTo("leg_needed");
        assertThat(lender.commands()).isEmpty();
        assertThat(fleet.regionStates(lender)).containsOnly("CLAIMED");
        assertThat(fleet.regionStates(kept)).containsOnly("CLAIMED");
        fleet.release(grant);
        fleet.settle();
    }

    @Test
    void aReleaseInTheMiddleEndsWithEverythingFree() {
        FakeAgent lender = fleet.lender(1);
        FakeAgent kept = fleet.lender(1);
        FakeAgent borrower = fleet.borrower();
        String grant = fleet.active(borrower, 64 * MIB, 2);

        recall(lender, 64 * MIB);
        fleet.release(grant);
        fleet.settle();
        assertThat(fleet.state(grant)).isEqualTo("RELEASED");
        assertThat(fleet.regionStates(lender)).isEmpty();
        assertThat(fleet.regionStates(kept)).containsOnly("FREE");
    }

    @Test
    void oneKeyIsOneRecall() {
        FakeAgent lender = fleet.lender(4);
        Map<String, Object> body = Map.of("spec", Map.of("bytes", 64 * MIB));
        String path = "/api/v1/hosts/" + lender.hostId() + "/recalls";
        Http.Answer first = fleet.admin().post(path, body, "Idempotency-Key", "one");
        Http.Answer again = fleet.admin().post(path, body, "Idempotency-Key", "one");
        assertThat(again.body().get("id")).isEqualTo(first.body().get("id"));
        assertThat(first.body().at("/status/keepBytes").asLong()).isEqualTo(192 * MIB);
        assertThat(lender.report().lendLimitBytes()).isEqualTo(192 * MIB);
        Http.Answer third = fleet.admin().post(path, body, "Idempotency-Key", "two");
        assertThat(third.status()).isEqualTo(409);
        fleet.admin().delete("/api/v1/recalls/" + first.body().get("id").asString());
        assertThat(lender.report().lendLimitBytes()).isGreaterThan(192 * MIB);
    }

    @Test
    void aHostThatIsShortIsRelieved() {
        FakeAgent lender = fleet.lender(2);
        FakeAgent kept = fleet.lender(2);
        FakeAgent borrower = fleet.borrower();
        String grant = fleet.active(borrower, 128 * MIB, 2);

        lender.needs(10 * MIB);
        lender.report();
        lender.report();
        lender.needs(0);
        fleet.settle();
        assertThat(fleet.regions(lender)).hasSize(1);
        assertThat(fleet.regionStates(kept)).containsOnly("CLAIMED");
        fleet.release(grant);
        fleet.settle();
    }

    @Test
    void aDrainedHostLendsNothingAndGetsNothing() {
        FakeAgent lender = fleet.lender(1);
        FakeAgent borrower = fleet.borrower();
        String grant = fleet.active(borrower, 64 * MIB, 1);
        FakeAgent other = fleet.lender(2);

        patch(lender, Map.of("scheduling", "DRAINED"));
        await(() -> other.obey().size() > 0);
        borrower.obey();
        lender.obey();
        await(() -> fleet.regions(lender).isEmpty());
        assertThat(borrower.legsAt(other)).hasSize(1);
        assertThat(lender.report().lendLimitBytes()).isZero();
        await(() -> recallsOf(lender).get(0).at("/status/state").asString().equals("DONE"));

        patch(lender, Map.of("scheduling", "OPEN"));
        await(() -> lender.report().lendLimitBytes() > 0);
        fleet.release(grant);
        fleet.settle();
    }

    @Test
    void aDrainIsAnOperationThatTellsWhatIsLeft() {
        FakeAgent lender = fleet.lender(1);
        FakeAgent borrower = fleet.borrower();
        String grant = fleet.active(borrower, 64 * MIB, 1);

        Http.Answer begun = drain(lender);
        assertThat(begun.status()).isEqualTo(202);
        assertThat(begun.body().at("/operation/hostId").asString())
                .isEqualTo(lender.hostId().toString());
        assertThat(drain(lender).body().at("/operation/id"))
                .isEqualTo(begun.body().at("/operation/id"));
        // Nobody else has room: it says what stands in its way.
        await(() -> progress(begun).at("/blockedBy").asString("").contains("find no place"));
        assertThat(progress(begun).at("/totalBytes").asLong()).isEqualTo(64 * MIB);
        assertThat(progress(begun).at("/bytesLeft").asLong()).isEqualTo(64 * MIB);
        assertThat(progress(begun).at("/grantsLeft").asInt()).isEqualTo(1);
        assertThat(fleet.operation(begun).at("/done").asBoolean()).isFalse();

        FakeAgent other = fleet.lender(2);
        await(() -> other.obey().size() > 0);
        borrower.obey();
        lender.obey();
        await(() -> fleet.operation(begun).at("/done").asBoolean());
        assertThat(fleet.operation(begun).has("error")).isFalse();
        assertThat(progress(begun).at("/bytesLeft").asLong()).isZero();
        assertThat(progress(begun).at("/grantsLeft").asInt()).isZero();
        // A host that is empty already is done at once.
        Http.Answer again = drain(lender);
        await(() -> fleet.operation(again).at("/done").asBoolean());
        fleet.release(grant);
        fleet.settle();
    }

    @Test
    void aDrainThatIsCalledOffFails() {
        FakeAgent lender = fleet.lender(1);
        FakeAgent borrower = fleet.borrower();
        String grant = fleet.active(borrower, 64 * MIB, 1);
        Http.Answer begun = drain(lender);
        patch(lender, Map.of("scheduling", "OPEN"));
        await(() -> fleet.operation(begun).at("/done").asBoolean());
        assertThat(fleet.operation(begun).at("/error/code").asString()).isEqualTo("drain_ended");
        assertThat(fleet.state(grant)).isEqualTo("ACTIVE");
        fleet.release(grant);
        fleet.settle();
    }

    private Http.Answer drain(FakeAgent host) {
        return fleet.admin().post("/api/v1/hosts/" + host.hostId() + ":drain", Map.of());
    }

    private JsonNode progress(Http.Answer begun) {
        return fleet.operation(begun).at("/progress");
    }

    @Test
    void aCordonedHostKeepsWhatItHasAndGetsNothingNew() {
        FakeAgent lender = fleet.lender(2);
        FakeAgent borrower = fleet.borrower();
        String grant = fleet.active(borrower, 64 * MIB, 1);
        patch(lender, Map.of("scheduling", "CORDONED"));

        Http.Answer refused = fleet.create(Fleet.spec(borrower.vmId(), 64 * MIB));
        assertThat(refused.status()).isEqualTo(409);
        assertThat(fleet.state(grant)).isEqualTo("ACTIVE");
        fleet.release(grant);
        fleet.settle();
    }

    private Http.Answer recall(FakeAgent lender, long bytes) {
        fleet.hear();
        return fleet.admin()
                .post(
                        "/api/v1/hosts/" + lender.hostId() + "/recalls",
                        Map.of("spec", Map.of("bytes", bytes, "deadlineSeconds", 30)),
                        "Idempotency-Key",
                        UUID.randomUUID().toString());
    }

    private void patch(FakeAgent host, Map<String, Object> spec) {
        String path = "/api/v1/hosts/" + host.hostId();
        String etag = fleet.admin().get(path).etag().orElseThrow();
        assertThat(fleet.admin().patch(path, Map.of("spec", spec), "If-Match", etag).status())
                .isEqualTo(200);
    }

    private String stateOf(Http.Answer recall) {
        return fleet.admin()
                .get("/api/v1/recalls/" + recall.body().get("id").asString())
                .body()
                .at("/status/state")
                .asString();
    }

    private JsonNode recallsOf(FakeAgent host) {
        return fleet.admin().get("/api/v1/recalls?hostId=" + host.hostId()).body().get("items");
    }

    private void await(BooleanSupplier isSo) {
        Poll.until(
                () -> {
                    fleet.hear();
                    return isSo.getAsBoolean();
                });
    }
}
