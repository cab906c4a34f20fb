package io.memfabric.broker;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.memfabric.broker.testbed.FakeAgent;
import io.memfabric.broker.testbed.Fleet;
import io.memfabric.broker.testbed.Http;
import io.memfabric.contract.agent.ReportReply;
import io.memfabric.contract.agent.VmPolicy;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// What operators want of VMs: written once, checked, told to the host that has the VM.
class VmPolicyIT {

    private static final long MIB = 1L << 20;

    private final Fleet fleet = new Fleet();
    private final FakeAgent host = fleet.borrower();

    @AfterEach
    void retire() {
        fleet.close();
    }

    private static String path(UUID vmId) {
        return "/api/v1/vms/" + vmId;
    }

    private Http.Answer patch(String ifMatch, Object memory) {
        return fleet.admin()
                .patch(
                        path(host.vmId()),
                        Map.of("spec", Map.of("memory", memory)),
                        "If-Match",
                        ifMatch);
    }

    private Http.Answer patch(Object memory) {
        return patch(fleet.admin().get(path(host.vmId())).etag().orElseThrow(), memory);
    }

    private static void refused(Http.Answer answer, int status, String code) {
        assertThat(answer.status()).isEqualTo(status);
        assertThat(answer.body().at("/code").asString()).isEqualTo(code);
    }

    @Test
    void showsWhatHoldsWhereNobodyWantedAnything() {
        Http.Answer vm = fleet.admin().get(path(host.vmId()));
        assertThat(vm.etag()).contains("\"0\"");
        assertThat(vm.body().at("/spec/memory").toString())
                .isEqualTo(
                        "{\"floorBytes\":0,\"ceilingBytes\":0,\"weight\":1,\"lend\":true,"
                                + "\"autoGrow\":{\"enabled\":false,\"maxBytes\":0}}");
    }

    @Test
    void changesOnlyWhatIsNamed() {
        assertThat(patch(Map.of("floorBytes", 128 * MIB, "weight", 7)).status()).isEqualTo(200);
        Http.Answer changed =
                patch(Map.of("autoGrow", Map.of("enabled", true, "maxBytes", 256 * MIB)));
        assertThat(changed.etag()).contains("\"2\"");
        assertThat(changed.body().at("/spec/memory/floorBytes").asLong()).isEqualTo(128 * MIB);
        assertThat(changed.body().at("/spec/memory/weight").asInt()).isEqualTo(7);
        assertThat(changed.body().at("/spec/memory/autoGrow/maxBytes").asLong())
                .isEqualTo(256 * MIB);
        assertThat(
                        fleet.admin()
                                .get(path(host.vmId()) + "/explain")
                                .body()
                                .at("/memory/weight")
                                .asInt())
                .isEqualTo(7);
    }

    @Test
    void refusesWhatMakesNoSense() {
        refused(patch(Map.of("floorBytes", -1)), 422, "invalid_size");
        refused(patch(Map.of("floorBytes", 1L << 50)), 422, "invalid_size");
        refused(patch(Map.of("floorBytes", 2 * MIB, "ceilingBytes", MIB)), 422, "invalid_size");
        refused(patch(Map.of("autoGrow", Map.of("enabled", true))), 422, "invalid_size");
        refused(patch(Map.of("weight", 0)), 422, "invalid_weight");
        refused(patch(Map.of("weight", 1001)), 422, "invalid_weight");
        refused(patch(Map.of("florBytes", 1)), 400, "malformed_request");
        assertThat(fleet.admin().get(path(host.vmId())).etag()).contains("\"0\"");
    }

    @Test
    void refusesToOverwriteWhatTheCallerHasNotSeen() {
        assertThat(patch("\"0\"", Map.of("weight", 2)).status()).isEqualTo(200);
        refused(patch("\"0\"", Map.of("weight", 3)), 412, "revision_conflict");
        refused(
                fleet.admin()
                        .patch(
                                path(host.vmId()),
                                Map.of("spec", Map.of("memory", Map.of("weight", 3)))),
                428,
                "precondition_required");
        refused(
                fleet.admin()
                        .patch(
                                path(UUID.randomUUID()),
                                Map.of("spec", Map.of("memory", Map.of("weight", 3))),
                                "If-Match",
                                "\"0\""),
                404,
                "vm_not_found");
    }

    @Test
    void tellsTheHostOnceAndShowsWhenItKnows() {
        host.report();
        patch(Map.of("lend", false));
        assertThat(inForce()).isFalse();

        ReportReply reply = host.report();
        assertThat(requireNonNull(reply.policies()).vms())
                .containsExactly(new VmPolicy(host.vmId(), 0, 0, 1, false, 0));
        assertThat(host.report().policies()).isNull();
        assertThat(inForce()).isTrue();
    }

    private boolean inForce() {
        return fleet.admin().get(path(host.vmId())).body().at("/status/specInForce").asBoolean();
    }

    @Test
    void growsAVmWithinItsLimitAndOnceARequest() {
        FakeAgent lender = fleet.lender(8);
        fleet.lender(8);
        UUID request = UUID.randomUUID();
        refused(host.grow(request, 64 * MIB), 409, "growth_not_allowed");
        patch(Map.of("autoGrow", Map.of("enabled", true, "maxBytes", 128 * MIB)));

        fleet.hear();
        Http.Answer grown = host.grow(request, 65 * MIB);
        assertThat(grown.status()).as(grown.toString()).isEqualTo(200);
        assertThat(grown.body().at("/state").asString()).isEqualTo("LIVE");
        assertThat(host.grow(request, 65 * MIB).body()).isEqualTo(grown.body());
        refused(host.grow(UUID.randomUUID(), MIB), 409, "growth_limit_reached");
        refused(lender.grow(request, MIB, host.vmId()), 404, "vm_not_found");

        fleet.settle();
        String grant = grown.body().at("/grantId").asString();
        assertThat(fleet.state(grant)).isEqualTo("ACTIVE");
        assertThat(fleet.grant(grant).at("/status/origin").asString()).isEqualTo("AUTO");
        assertThat(fleet.grant(grant).at("/spec/copies").asInt()).isEqualTo(2);
        assertThat(fleet.grant(grant).at("/status/sizeBytes").asLong()).isEqualTo(128 * MIB);

        refused(lender.giveBack(request), 404, "grant_not_found");
        assertThat(fleet.state(grant)).isEqualTo("ACTIVE");
        assertThat(host.giveBack(request).body().at("/state").asString()).isEqualTo("LEAVING");
        assertThat(host.giveBack(request).body().at("/state").asString()).isEqualTo("LEAVING");
        fleet.settle();
        assertThat(fleet.state(grant)).isEqualTo("RELEASED");
        assertThat(host.giveBack(request).body().at("/state").asString()).isEqualTo("GONE");
        assertThat(host.grow(request, 65 * MIB).body().at("/state").asString()).isEqualTo("GONE");
        refused(host.giveBack(UUID.randomUUID()), 404, "grant_not_found");
    }

    @Test
    void growsWithOneCopyWhereThereIsNoRoomForTwo() {
        fleet.lender(1);
        patch(Map.of("autoGrow", Map.of("enabled", true, "maxBytes", 64 * MIB)));
        fleet.hear();
        String grant = host.grow(UUID.randomUUID(), 64 * MIB).body().at("/grantId").asString();
        assertThat(fleet.grant(grant).at("/spec/copies").asInt()).isEqualTo(1);
    }
}
