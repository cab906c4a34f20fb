package io.memfabric.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.memfabric.broker.testbed.FakeAgent;
import io.memfabric.broker.testbed.Fleet;
import io.memfabric.broker.testbed.Http;
import io.memfabric.broker.testbed.Poll;
import io.memfabric.broker.testbed.Tokens;
import io.memfabric.contract.agent.AttachGrant;
import io.memfabric.contract.agent.DetachGrant;
import io.memfabric.contract.agent.FenceRegions;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

class ResizeIT {

    private static final long MIB = 1L << 20;

    private final Fleet fleet = new Fleet();

    @AfterEach
    void retire() {
        fleet.close();
    }

    private Http.Answer resize(String grant, long bytes) {
        fleet.hear();
        return fleet.admin()
                .patch(
                        "/api/v1/grants/" + grant,
                        Map.of("spec", Map.of("sizeBytes", bytes)),
                        "If-Match",
                        fleet.admin().get("/api/v1/grants/" + grant).etag().orElseThrow());
    }

    private JsonNode validate(String grant, long bytes) {
        fleet.hear();
        Http.Answer answer =
                fleet.admin()
                        .patch(
                                "/api/v1/grants/" + grant + "?validateOnly=true",
                                Map.of("spec", Map.of("sizeBytes", bytes)));
        assertThat(answer.status()).isEqualTo(200);
        return answer.body();
    }

    /// Lets the hosts obey until an operation is over.
    private JsonNode await(Http.Answer accepted) {
        assertThat(accepted.status()).as(accepted.toString()).isEqualTo(202);
        Poll.until(
                () -> {
                    fleet.settle();
                    return fleet.operation(accepted).at("/done").asBoolean();
                });
        return fleet.operation(accepted);
    }

    private String grown(FakeAgent borrower) {
        String grant = fleet.active(borrower, 100 * MIB, 1);
        assertThat(await(resize(grant, 250 * MIB)).has("error")).isFalse();
        return grant;
    }

    @Test
    void growsByAFurtherDeviceAndShrinksByItAgain() {
        FakeAgent lender = fleet.lender(6);
        FakeAgent borrower = fleet.borrower();
        String grant = fleet.active(borrower, 100 * MIB, 1);
        assertThat(validate(grant, 250 * MIB).at("/addedBytes").asLong()).isEqualTo(128 * MIB);
        assertThat(fleet.state(grant)).isEqualTo("ACTIVE");

        Http.Answer growing = resize(grant, 250 * MIB);
        assertThat(fleet.state(grant)).isEqualTo("RESIZING");
        assertThat(fleet.grant(grant).at("/status/wantedBytes").asLong()).isEqualTo(250 * MIB);
        assertThat(resize(grant, 300 * MIB).code()).isEqualTo("resize_under_way");
        lender.obey();
        AttachGrant attach = (AttachGrant) borrower.obey().getFirst();
        assertThat(attach.grantId().toString()).isNotEqualTo(grant);
        assertThat(await(growing).has("error")).isFalse();
        JsonNode grown = fleet.grant(grant);
        assertThat(grown.at("/status/state").asString()).isEqualTo("ACTIVE");
        assertThat(grown.at("/status/sizeBytes").asLong()).isEqualTo(256 * MIB);
        assertThat(grown.at("/spec/sizeBytes").asLong()).isEqualTo(250 * MIB);
        assertThat(grown.at("/status/parts/0/id").asString())
                .isEqualTo(attach.grantId().toString());
        assertThat(grown.at("/status/parts/0/serial").asString())
                .isNotEqualTo(grown.at("/status/serial").asString());

        JsonNode plan = validate(grant, 128 * MIB);
        assertThat(plan.at("/leaving/0").asString()).isEqualTo(attach.grantId().toString());
        Http.Answer shrinking = resize(grant, 128 * MIB);
        assertThat(borrower.obey()).singleElement().isInstanceOf(DetachGrant.class);
        assertThat(lender.obey()).singleElement().isInstanceOf(FenceRegions.class);
        assertThat(await(shrinking).has("error")).isFalse();
        assertThat(fleet.grant(grant).at("/status/sizeBytes").asLong()).isEqualTo(128 * MIB);
        assertThat(fleet.grant(grant).at("/status").has("parts")).isFalse();
        assertThat(fleet.regionStates(lender))
                .containsExactlyInAnyOrder("CLAIMED", "CLAIMED", "FREE", "FREE", "FREE", "FREE");
    }

    @Test
    void fencesNothingBeforeTheGuestHasSwappedOff() {
        FakeAgent lender = fleet.lender(4);
        FakeAgent borrower = fleet.borrower();
        String grant = grown(borrower);
        Http.Answer shrinking = resize(grant, 128 * MIB);
        assertThat(lender.commands()).isEmpty();
        borrower.refuse("guest_out_of_memory");
        JsonNode failed = await(shrinking);
        assertThat(failed.at("/error/code").asString()).isEqualTo("guest_out_of_memory");
        assertThat(fleet.state(grant)).isEqualTo("ACTIVE");
        assertThat(fleet.grant(grant).at("/status/sizeBytes").asLong()).isEqualTo(256 * MIB);
        assertThat(fleet.regionStates(lender)).containsOnly("CLAIMED");
    }

    @Test
    void staysAsItIsWhereTheFurtherDeviceDoesNotCome() {
        FakeAgent lender = fleet.lender(4);
        FakeAgent borrower = fleet.borrower();
        String grant = fleet.active(borrower, 128 * MIB, 1);
        Http.Answer growing = resize(grant, 256 * MIB);
        lender.obey();
        borrower.refuse("no_free_slot");
        assertThat(await(growing).at("/error/code").asString()).isEqualTo("no_free_slot");
        fleet.settle();
        assertThat(fleet.state(grant)).isEqualTo("ACTIVE");
        assertThat(fleet.grant(grant).at("/status/sizeBytes").asLong()).isEqualTo(128 * MIB);
        assertThat(fleet.regionStates(lender))
                .containsExactlyInAnyOrder("CLAIMED", "CLAIMED", "FREE", "FREE");
        assertThat(await(resize(grant, 256 * MIB)).has("error")).isFalse();
    }

    @Test
    void givesUpTheFirstDeviceLast() {
        FakeAgent lender = fleet.lender(4);
        FakeAgent borrower = fleet.borrower();
        String grant = grown(borrower);
        String part = fleet.grant(grant).at("/status/parts/0/id").asString();
        assertThat(fleet.release(part).code()).isEqualTo("grant_is_part");
        assertThat(resize(part, 64 * MIB).code()).isEqualTo("grant_is_part");

        Http.Answer released = fleet.release(grant);
        assertThat(fleet.state(grant)).isEqualTo("DRAINING");
        assertThat(borrower.obey())
                .singleElement()
                .isInstanceOfSatisfying(
                        DetachGrant.class,
                        detach -> assertThat(detach.grantId()).isEqualTo(UUID.fromString(part)));
        assertThat(Fleet.operationOf(fleet.release(grant))).isEqualTo(Fleet.operationOf(released));
        assertThat(await(released).has("error")).isFalse();
        assertThat(fleet.state(grant)).isEqualTo("RELEASED");
        assertThat(fleet.regionStates(lender)).containsOnly("FREE");
    }

    @Test
    void endsAGrantWhoseFurtherDeviceIsStillToCome() {
        FakeAgent lender = fleet.lender(4);
        FakeAgent borrower = fleet.borrower();
        String grant = fleet.active(borrower, 128 * MIB, 1);
        Http.Answer growing = resize(grant, 256 * MIB);
        Http.Answer released = fleet.release(grant);
        assertThat(fleet.operation(growing).at("/error/code").asString())
                .isEqualTo("grant_released");
        assertThat(await(released).has("error")).isFalse();
        assertThat(fleet.state(grant)).isEqualTo("RELEASED");
        assertThat(fleet.regionStates(lender)).containsOnly("FREE");
    }

    @Test
    void showsDevicesOfAGrantAsOneGrant() {
        fleet.lender(8);
        FakeAgent borrower = fleet.borrower();
        String grant = grown(borrower);
        JsonNode listed =
                fleet.admin().get("/api/v1/grants?vmId=" + borrower.vmId()).body().get("items");
        assertThat(listed).hasSize(1);
        assertThat(listed.get(0).at("/id").asString()).isEqualTo(grant);
        assertThat(listed.get(0).at("/status/sizeBytes").asLong()).isEqualTo(256 * MIB);
    }

    @Test
    void refusesWhatCannotBe() {
        fleet.lender(4);
        FakeAgent borrower = fleet.borrower();
        String grant = fleet.active(borrower, 128 * MIB, 1);
        assertThat(resize(grant, 0).code()).isEqualTo("invalid_size");
        assertThat(resize(grant, 64 * MIB).code()).isEqualTo("size_not_reachable");
        assertThat(validate(grant, 64 * MIB).at("/possible").asBoolean()).isFalse();
        assertThat(resize(grant, 1L << 39).code()).isEqualTo("insufficient_capacity");
        assertThat(fleet.state(grant)).isEqualTo("ACTIVE");
        assertThat(
                        fleet.admin()
                                .patch(
                                        "/api/v1/grants/" + grant,
                                        Map.of("spec", Map.of("sizeBytes", 256 * MIB)))
                                .code())
                .isEqualTo("precondition_required");
        assertThat(
                        fleet.admin()
                                .patch(
                                        "/api/v1/grants/" + grant,
                                        Map.of("spec", Map.of("sizeBytes", 256 * MIB)),
                                        "If-Match",
                                        "\"99\"")
                                .code())
                .isEqualTo("revision_conflict");
        fleet.release(grant);
        assertThat(resize(grant, 256 * MIB).code()).isEqualTo("grant_not_live");
    }

    @Test
    void holdsTheQuotaForWhatIsAdded() {
        Tokens tokens = new Tokens();
        fleet.lender(8);
        FakeAgent borrower = fleet.borrower();
        tokens.assign(borrower.vmId(), tokens.tenant(256 * MIB, 1));
        String grant = fleet.active(borrower, 128 * MIB, 1);
        assertThat(resize(grant, 320 * MIB).code()).isEqualTo("quota_exceeded");
        assertThat(await(resize(grant, 256 * MIB)).has("error")).isFalse();
        assertThat(fleet.state(grant)).isEqualTo("ACTIVE");
    }
}
