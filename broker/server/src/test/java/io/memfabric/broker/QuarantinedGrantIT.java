package io.memfabric.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.memfabric.broker.testbed.FakeAgent;
import io.memfabric.broker.testbed.Fleet;
import io.memfabric.broker.testbed.Http;
import io.memfabric.broker.testbed.Poll;
import io.memfabric.broker.testbed.TestBroker;
import io.memfabric.contract.agent.DetachGrant;
import io.memfabric.contract.agent.FenceRegions;
import io.memfabric.contract.agent.RegionReport;
import io.memfabric.contract.vocabulary.HarvestMode;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Grants whose truth the broker cannot establish: nothing of them is touched before an operator ends
/// it.
class QuarantinedGrantIT {

    private static final long MIB = 1L << 20;

    private final TestBroker broker = TestBroker.shared();
    private final Fleet fleet = new Fleet();

    @AfterEach
    void retire() {
        fleet.close();
    }

    @Test
    void touchesNothingOfAGrantWhoseDeviceServesNoMore() {
        FakeAgent lender = fleet.lender(2);
        FakeAgent kept = fleet.lender(2);
        FakeAgent borrower = fleet.borrower();
        String grant = fleet.active(borrower, 128 * MIB, 2);
        FakeAgent third = fleet.lender(4);

        borrower.sayStopped(UUID.fromString(grant), "metadata_missing");
        borrower.sync();
        borrower.sync();
        assertThat(fleet.state(grant)).isEqualTo("QUARANTINED");
        assertThat(problem(grant)).isEqualTo("metadata_missing");
        assertThat(events(grant)).contains("grant_quarantined");

        // A lender that needs its memory back, one whose table is lost, and another size.
        recall(lender);
        kept.reboot(2);
        fleet.sync();
        assertThat(resize(grant).code()).isEqualTo("grant_not_live");
        Poll.until(
                () -> {
                    fleet.hear();
                    return !plan(lender).isEmpty();
                });
        assertThat(fleet.state(grant)).isEqualTo("QUARANTINED");
        assertThat(fleet.regionStates(lender)).containsOnly("CLAIMED");
        assertThat(lender.commands()).isEmpty();
        assertThat(borrower.commands()).isEmpty();
        assertThat(third.commands()).isEmpty();
        assertThat(problem(grant)).isEqualTo("metadata_missing");

        assertThat(returned(grant).code()).isEqualTo("grant_in_doubt");
        borrower.sayStopped(UUID.fromString(grant), null);
        borrower.sync();
        assertThat(fleet.state(grant)).isEqualTo("QUARANTINED");
        Http.Answer back = returned(grant);
        assertThat(back.status()).isEqualTo(200);
        assertThat(back.body().at("/status/state").asString()).isEqualTo("DEGRADED");
        assertThat(back.body().at("/status").has("problem")).isFalse();
        assertThat(returned(grant).code()).isEqualTo("grant_not_quarantined");
    }

    @Test
    void letsAnOperatorReleaseItAndKeepsItWhereTheGuestDoesNotGiveUp() {
        FakeAgent lender = fleet.lender(1);
        FakeAgent borrower = fleet.borrower();
        String grant = fleet.active(borrower, 64 * MIB, 1);
        borrower.sayStopped(UUID.fromString(grant), "page_lost");
        borrower.sync();

        Http.Answer release = fleet.release(grant);
        assertThat(borrower.refuse("swapoff_failed"))
                .singleElement()
                .isInstanceOf(DetachGrant.class);
        assertThat(fleet.operation(release).at("/error/code").asString())
                .isEqualTo("swapoff_failed");
        assertThat(fleet.state(grant)).isEqualTo("QUARANTINED");
        assertThat(problem(grant)).isEqualTo("page_lost");
        assertThat(lender.commands()).isEmpty();

        fleet.release(grant);
        assertThat(lender.commands()).isEmpty();
        borrower.obey();
        assertThat(fleet.state(grant)).isEqualTo("FENCED");
        assertThat(lender.obey()).singleElement().isInstanceOf(FenceRegions.class);
        assertThat(fleet.state(grant)).isEqualTo("RELEASED");
        assertThat(fleet.regionStates(lender)).containsOnly("FREE");
    }

    @Test
    void holdsTheGrantsOfAHostWhoseIdentityTwoAgentsHave() {
        FakeAgent lender = fleet.lender(1);
        FakeAgent borrower = fleet.borrower();
        String grant = fleet.active(borrower, 64 * MIB, 1);
        FakeAgent clone = borrower.cloned(broker);
        Poll.until(
                () -> {
                    clone.report();
                    borrower.report();
                    return fleet.state(grant).equals("QUARANTINED");
                });
        assertThat(problem(grant)).isEqualTo("borrower_cloned");
        assertThat(returned(grant).code()).isEqualTo("grant_in_doubt");

        borrower.enrollAgain(broker.admin(), broker::caller);
        assertThat(returned(grant).code()).isEqualTo("grant_in_doubt");
        borrower.sync();
        assertThat(returned(grant).status()).isEqualTo(200);
        assertThat(fleet.state(grant)).isEqualTo("ACTIVE");
        assertThat(fleet.regionStates(lender)).containsOnly("CLAIMED");
    }

    @Test
    void holdsAGrantWithARegionThatItsLenderHasInALaterGeneration() {
        FakeAgent lender = fleet.lender(1);
        FakeAgent borrower = fleet.borrower();
        String grant = fleet.active(borrower, 64 * MIB, 1);
        RegionReport claimed = lender.region(1);
        lender.put(
                new RegionReport(
                        1,
                        claimed.generation() + 1,
                        claimed.state(),
                        claimed.grantId(),
                        claimed.epoch()));
        lender.sync();
        Poll.until(
                () -> {
                    fleet.hear();
                    return fleet.state(grant).equals("QUARANTINED");
                });
        assertThat(problem(grant)).isEqualTo("region_disputed");
        borrower.sync();
        assertThat(returned(grant).code()).isEqualTo("grant_in_doubt");
        lender.put(claimed);
        lender.sync();
        assertThat(returned(grant).status()).isEqualTo(200);
        assertThat(fleet.state(grant)).isEqualTo("ACTIVE");
    }

    @Test
    void endsItWithAHostThatIsSurelyOff() {
        FakeAgent lender = fleet.lender(1);
        FakeAgent borrower = fleet.borrower();
        String grant = fleet.active(borrower, 64 * MIB, 1);
        borrower.sayStopped(UUID.fromString(grant), "page_lost");
        borrower.sync();
        String host = "/api/v1/hosts/" + borrower.hostId();
        Poll.until(
                () ->
                        broker.admin()
                                        .post(
                                                host + ":declareLost",
                                                Map.of("spec", Map.of("poweredOff", true)))
                                        .status()
                                == 200);
        assertThat(fleet.state(grant)).isEqualTo("FENCED");
        lender.obey();
        assertThat(fleet.state(grant)).isEqualTo("RELEASED");
        assertThat(fleet.regionStates(lender)).containsOnly("FREE");
        borrower.change(broker, HarvestMode.PAUSE, 0);
    }

    private Http.Answer returned(String grant) {
        return broker.admin().post("/api/v1/grants/" + grant + ":returnToService", Map.of());
    }

    private Http.Answer resize(String grant) {
        String path = "/api/v1/grants/" + grant;
        return broker.admin()
                .patch(
                        path,
                        Map.of("spec", Map.of("sizeBytes", 192 * MIB)),
                        "If-Match",
                        broker.admin().get(path).etag().orElseThrow());
    }

    private void recall(FakeAgent lender) {
        assertThat(
                        broker.admin()
                                .post(
                                        "/api/v1/hosts/" + lender.hostId() + "/recalls",
                                        Map.of("spec", Map.of("bytes", 128 * MIB)),
                                        "Idempotency-Key",
                                        UUID.randomUUID().toString())
                                .status())
                .isLessThan(300);
    }

    /// What the open recall of a host is about.
    private String plan(FakeAgent lender) {
        return broker.admin()
                .get("/api/v1/recalls?hostId=" + lender.hostId())
                .body()
                .at("/items/0/status/plan")
                .asString("");
    }

    private String problem(String grant) {
        return fleet.grant(grant).at("/status/problem/code").asString();
    }

    private String events(String grant) {
        return broker.admin().get("/api/v1/events?pageSize=200&grantId=" + grant).body().toString();
    }
}
