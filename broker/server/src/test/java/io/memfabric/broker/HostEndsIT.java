package io.memfabric.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.memfabric.broker.testbed.FakeAgent;
import io.memfabric.broker.testbed.Fleet;
import io.memfabric.broker.testbed.Http;
import io.memfabric.broker.testbed.Poll;
import io.memfabric.broker.testbed.TestBroker;
import io.memfabric.contract.agent.DetachGrant;
import io.memfabric.contract.agent.FenceRegions;
import io.memfabric.contract.agent.ReplaceLegs;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class HostEndsIT {

    private static final long MIB = 1L << 20;

    private final Fleet fleet = new Fleet();
    private final Http admin = fleet.admin();

    @AfterEach
    void retire() {
        fleet.close();
    }

    private Http.Answer declareLost(FakeAgent host, boolean poweredOff) {
        return admin.post(
                "/api/v1/hosts/" + host.hostId() + ":declareLost",
                Map.of("spec", Map.of("poweredOff", poweredOff)));
    }

    /// Waits until a host was silent for long enough, while the others are heard.
    private Http.Answer lose(FakeAgent host, boolean poweredOff, FakeAgent... others) {
        Poll.until(
                () -> {
                    Arrays.stream(others).forEach(FakeAgent::report);
                    return !admin.get("/api/v1/hosts/" + host.hostId())
                            .body()
                            .at("/status/reachable")
                            .asBoolean();
                });
        return declareLost(host, poweredOff);
    }

    private Http.Answer schedule(FakeAgent host, String scheduling) {
        String path = "/api/v1/hosts/" + host.hostId();
        return admin.patch(
                path,
                Map.of("spec", Map.of("scheduling", scheduling)),
                "If-Match",
                admin.get(path).etag().orElseThrow());
    }

    @Test
    void takesNoHostForLostThatIsHeard() {
        FakeAgent lender = fleet.lender(1);
        assertThat(declareLost(lender, false).code()).isEqualTo("host_reachable");
        assertThat(
                        admin.post(
                                        "/api/v1/hosts/" + UUID.randomUUID() + ":declareLost",
                                        Map.of("spec", Map.of()))
                                .code())
                .isEqualTo("host_not_found");
    }

    /// A host that comes back after it was given up is put right: its old regions are not lent, and
    /// not fenced either as long as a device may use them.
    @Test
    void makesLostCopiesAgainAndFencesTheOldOnesOnlyWhenNothingUsesThem() {
        FakeAgent lost = fleet.lender(1);
        FakeAgent kept = fleet.lender(1);
        FakeAgent borrower = fleet.borrower();
        String grant = fleet.active(borrower, 64 * MIB, 2);
        FakeAgent spare = fleet.lender(1);

        Http.Answer answer = lose(lost, false, kept, borrower, spare);
        assertThat(answer.status()).as(answer.toString()).isEqualTo(200);
        assertThat(answer.body().at("/status/lostAt").isNull()).isFalse();
        assertThat(fleet.state(grant)).isEqualTo("DEGRADED");
        assertThat(fleet.regions(lost)).isEmpty();

        lost.sync();
        assertThat(admin.get("/api/v1/hosts/" + lost.hostId()).body().at("/status/lostAt").isNull())
                .isTrue();
        assertThat(fleet.regionStates(lost)).containsOnly("BLOCKED");
        assertThat(lost.commands()).isEmpty();

        Poll.until(
                () -> {
                    kept.report();
                    borrower.report();
                    spare.report();
                    return !spare.obey().isEmpty();
                });
        assertThat(borrower.obey()).singleElement().isInstanceOf(ReplaceLegs.class);
        borrower.say(UUID.fromString(grant), List.of());
        borrower.sync();
        assertThat(fleet.state(grant)).isEqualTo("ACTIVE");

        lost.sync();
        assertThat(fleet.regionStates(lost)).containsOnly("BLOCKED");
        assertThat(lost.obey()).singleElement().isInstanceOf(FenceRegions.class);
        lost.sync();
        assertThat(fleet.regionStates(lost)).containsOnly("FREE");
    }

    /// The only copy of a page is not fenced because its host was given up too early.
    @Test
    void leavesTheOnlyCopyToItsVmUntilTheGrantIsReleased() {
        FakeAgent lost = fleet.lender(1);
        FakeAgent borrower = fleet.borrower();
        String grant = fleet.active(borrower, 64 * MIB, 1);
        assertThat(lose(lost, false, borrower).status()).isEqualTo(200);
        assertThat(fleet.state(grant)).isEqualTo("ACTIVE");
        assertThat(fleet.grant(grant).at("/status/problem/code").asString()).isEqualTo("leg_lost");

        lost.sync();
        lost.sync();
        assertThat(lost.commands()).isEmpty();
        assertThat(fleet.regionStates(lost)).containsOnly("BLOCKED");

        fleet.release(grant);
        assertThat(borrower.obey()).singleElement().isInstanceOf(DetachGrant.class);
        assertThat(fleet.state(grant)).isEqualTo("RELEASED");
        lost.sync();
        assertThat(lost.obey()).singleElement().isInstanceOf(FenceRegions.class);
        lost.sync();
        assertThat(fleet.regionStates(lost)).containsOnly("FREE");
    }

    @Test
    void endsTheGrantsOfAHostThatIsSurelyOff() {
        FakeAgent lender = fleet.lender(2);
        FakeAgent borrower = fleet.borrower();
        String active = fleet.active(borrower, 64 * MIB, 1);
        Http.Answer created = fleet.create(Fleet.spec(borrower.vmId(), 64 * MIB));
        String young = Fleet.grantOf(created);

        assertThat(lose(borrower, false, lender).status()).isEqualTo(200);
        assertThat(fleet.state(active)).isEqualTo("ACTIVE");
        assertThat(declareLost(borrower, true).status()).isEqualTo(200);
        assertThat(fleet.state(active)).isEqualTo("FENCED");
        assertThat(fleet.operation(created).at("/error/code").asString())
                .isEqualTo("grant_released");
        lender.obey();
        assertThat(fleet.state(active)).isEqualTo("RELEASED");
        assertThat(fleet.state(young)).isEqualTo("RELEASED");
        lender.sync();
        assertThat(fleet.regionStates(lender)).containsOnly("FREE");
    }

    @Test
    void removesAHostOfWhichNobodyHasAnything() {
        FakeAgent lender = fleet.lender(1);
        FakeAgent borrower = fleet.borrower();
        String grant = fleet.active(borrower, 64 * MIB, 1);
        String path = "/api/v1/hosts/" + lender.hostId();
        assertThat(admin.delete(path).code()).isEqualTo("host_not_drained");
        assertThat(schedule(lender, "DRAINED").status()).isEqualTo(200);
        assertThat(admin.delete(path).code()).isEqualTo("host_in_use");
        fleet.release(grant);
        borrower.obey();
        lender.obey();
        lender.sync();

        assertThat(admin.delete(path).status()).isEqualTo(204);
        assertThat(admin.get(path).code()).isEqualTo("host_not_found");
        assertThat(admin.delete(path).code()).isEqualTo("host_not_found");
        assertThat(lender.http().get("/agent/v1/commands?knownRevision=0&wait=0").status())
                .isEqualTo(401);
        FakeAgent again = FakeAgent.enroll(TestBroker.shared(), lender.name());
        assertThat(again.hostId()).isEqualTo(lender.hostId());
        again.sync();
        assertThat(admin.get(path).body().at("/spec/scheduling").asString()).isEqualTo("OPEN");
    }

    /// A mirrored grant keeps its lost leg in mind until another has come in its place.
    @Test
    void removesNoHostWhoseLostCopyHasNoOtherYet() {
        FakeAgent lost = fleet.lender(1);
        FakeAgent kept = fleet.lender(1);
        FakeAgent borrower = fleet.borrower();
        String grant = fleet.active(borrower, 64 * MIB, 2);
        assertThat(lose(lost, false, kept, borrower).status()).isEqualTo(200);
        String path = "/api/v1/hosts/" + lost.hostId();
        assertThat(admin.delete(path).code()).isEqualTo("host_in_use");
        fleet.release(grant);
        borrower.obey();
        kept.obey();
        assertThat(fleet.state(grant)).isEqualTo("RELEASED");
        assertThat(admin.delete(path).status()).isEqualTo(204);
        FakeAgent.enroll(TestBroker.shared(), lost.name());
    }
}
