package io.memfabric.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.memfabric.broker.testbed.FakeAgent;
import io.memfabric.broker.testbed.Fleet;
import io.memfabric.broker.testbed.Http;
import io.memfabric.broker.testbed.Poll;
import io.memfabric.contract.agent.DetachGrant;
import io.memfabric.contract.agent.FenceRegions;
import io.memfabric.contract.agent.RegionReport;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// What a ledger does that has lost its last commits.
class RecoveryIT {

    private static final long MIB = 1L << 20;

    private final Fleet fleet = new Fleet();

    @BeforeEach
    void awaitCalm() {
        awaitRecovered();
    }

    @AfterEach
    void retire() {
        awaitRecovered();
        fleet.close();
    }

    /// Case 11: a broker of an older ledger finds regions in use that it believes to be free.
    @Test
    void holdsWhatALenderHasForAGrantThatTheLedgerDoesNotKnow() {
        FakeAgent lender = fleet.lender(3);
        FakeAgent borrower = fleet.borrower();
        UUID lost = UUID.randomUUID();
        lender.put(new RegionReport(1, 7, RegionReport.State.CLAIMED, lost, 3));
        lender.sync();
        lender.sync();
        assertThat(fleet.regionStates(lender)).containsExactly("BLOCKED", "FREE", "FREE");
        assertThat(lender.commands()).isEmpty();

        Http.Answer refused = fleet.create(Fleet.spec(borrower.vmId(), 64 * MIB));
        assertThat(refused.status()).isEqualTo(503);
        assertThat(refused.code()).isEqualTo("ledger_recovering");

        awaitRecovered();
        String grant = fleet.active(borrower, 128 * MIB, 1);
        assertThat(fleet.state(grant)).isEqualTo("ACTIVE");
        assertThat(fleet.regionStates(lender)).containsExactly("BLOCKED", "CLAIMED", "CLAIMED");
        assertThat(lender.region(1).grantId()).isEqualTo(lost);
    }

    @Test
    void leavesTheDeviceOfAnUnknownGrantAndFencesItsRegionsOnlyOnceItIsGone() {
        FakeAgent lender = fleet.lender(1);
        FakeAgent borrower = fleet.borrower();
        UUID lost = UUID.randomUUID();
        lender.put(new RegionReport(1, 7, RegionReport.State.CLAIMED, lost, 3));
        borrower.pretendAttached(lost, borrower.vmId());
        borrower.sync();
        lender.sync();
        borrower.sync();
        assertThat(borrower.commands()).isEmpty();
        assertThat(lender.commands()).isEmpty();

        borrower.loseDevice(lost);
        borrower.sync();
        lender.sync();
        assertThat(lender.obey())
                .singleElement()
                .isInstanceOfSatisfying(
                        FenceRegions.class,
                        fence -> {
                            assertThat(fence.grantId()).isEqualTo(lost);
                            assertThat(fence.epoch()).isEqualTo(3);
                            assertThat(fence.regions().getFirst().generation()).isEqualTo(7);
                        });
        lender.sync();
        assertThat(fleet.regionStates(lender)).containsExactly("FREE");
        assertThat(fleet.regions(lender).getFirst().at("/status/generation").asLong()).isEqualTo(7);
    }

    /// The way out for an operator: the device goes as with any grant, and nothing before it.
    @Test
    void endsAQuarantinedGrantAfterItsGuestHasSwappedOff() {
        FakeAgent lender = fleet.lender(1);
        FakeAgent borrower = fleet.borrower();
        UUID lost = UUID.randomUUID();
        String path = "/api/v1/quarantine/" + lost;
        lender.put(new RegionReport(1, 7, RegionReport.State.CLAIMED, lost, 3));
        lender.sync();
        assertThat(fleet.admin().get(path).body().has("borrowerId")).isFalse();
        assertThat(fleet.admin().delete(path).code()).isEqualTo("grant_device_unknown");
        borrower.pretendAttached(lost, borrower.vmId());
        borrower.sync();
        assertThat(fleet.admin().get(path).body().at("/vmId").asString())
                .isEqualTo(borrower.vmId().toString());

        assertThat(fleet.admin().delete(path).body().at("/leaving").asBoolean()).isTrue();
        fleet.admin().delete(path);
        assertThat(borrower.refuse("guest_out_of_memory")).hasSize(1);
        assertThat(fleet.admin().get(path).body().at("/refused").asString())
                .isEqualTo("guest_out_of_memory");
        borrower.sync();
        lender.sync();
        assertThat(lender.commands()).isEmpty();

        fleet.admin().delete(path);
        assertThat(borrower.obey()).singleElement().isInstanceOf(DetachGrant.class);
        borrower.sync();
        assertThat(fleet.admin().get(path).code()).isEqualTo("grant_not_found");
        lender.sync();
        assertThat(lender.obey()).singleElement().isInstanceOf(FenceRegions.class);
        lender.sync();
        assertThat(fleet.regionStates(lender)).containsExactly("FREE");
    }

    @Test
    void endsAQuarantinedGrantOfWhichSomebodyVouchesThatNoVmHasIt() {
        FakeAgent lender = fleet.lender(1);
        UUID lost = UUID.randomUUID();
        lender.put(new RegionReport(1, 7, RegionReport.State.CLAIMED, lost, 3));
        lender.sync();
        assertThat(fleet.admin().get("/api/v1/quarantine?pageSize=200").body().toString())
                .contains(lost.toString());
        String path = "/api/v1/quarantine/" + lost;
        assertThat(fleet.admin().delete(path + "?vouched=true").status()).isEqualTo(202);
        assertThat(fleet.admin().get(path).code()).isEqualTo("grant_not_found");
        lender.sync();
        assertThat(lender.obey()).singleElement().isInstanceOf(FenceRegions.class);
        lender.sync();
        assertThat(fleet.regionStates(lender)).containsExactly("FREE");
    }

    /// The ledger believes that a grant has a region which its lender has given to another one since.
    @Test
    void lendsADisputedRegionOnlyWhenItsLenderSaysThatItIsFree() {
        FakeAgent lender = fleet.lender(1);
        FakeAgent borrower = fleet.borrower();
        String grant = fleet.active(borrower, 64 * MIB, 1);
        UUID later = UUID.randomUUID();
        lender.put(new RegionReport(1, 9, RegionReport.State.CLAIMED, later, 3));
        lender.sync();
        assertThat(fleet.regionStates(lender)).containsExactly("CLAIMED");
        awaitRecovered();

        assertThat(fleet.release(grant).status()).isEqualTo(202);
        fleet.settle();
        assertThat(fleet.state(grant)).isEqualTo("RELEASED");
        assertThat(fleet.regionStates(lender)).containsExactly("BLOCKED");
        assertThat(lender.region(1).grantId()).isEqualTo(later);

        lender.put(new RegionReport(1, 9, RegionReport.State.FREE, null, 0));
        lender.sync();
        assertThat(fleet.regionStates(lender)).containsExactly("FREE");
        assertThat(fleet.state(fleet.active(borrower, 64 * MIB, 1))).isEqualTo("ACTIVE");
        assertThat(lender.region(1).generation()).isEqualTo(10);
    }

    @Test
    void seesThatAHostKnowsLaterCommandsThanTheLedger() {
        FakeAgent lender = fleet.lender(1);
        FakeAgent borrower = fleet.borrower();
        long revision = lender.poll(-1, 0).revision();
        long after = lender.poll(revision + 5, 0).revision();
        assertThat(after).isGreaterThan(revision + 5);
        assertThat(fleet.create(Fleet.spec(borrower.vmId(), 64 * MIB)).code())
                .isEqualTo("ledger_recovering");
    }

    @Test
    void releasesNothingWhileItRecovers() {
        FakeAgent lender = fleet.lender(1);
        FakeAgent borrower = fleet.borrower();
        String grant = fleet.active(borrower, 64 * MIB, 1);
        lender.poll(lender.poll(-1, 0).revision() + 5, 0);
        assertThat(fleet.release(grant).code()).isEqualTo("ledger_recovering");
        awaitRecovered();
        assertThat(fleet.release(grant).status()).isEqualTo(202);
        fleet.settle();
        assertThat(fleet.state(grant)).isEqualTo("RELEASED");
    }

    @Test
    void doesNotLetAHostUseTheRevisionsUp() {
        FakeAgent lender = fleet.lender(1);
        Http.Answer answer = lender.http().get("/agent/v1/commands?revision=" + Long.MAX_VALUE);
        assertThat(answer.status()).isEqualTo(422);
        assertThat(answer.code()).isEqualTo("revision_out_of_range");
    }

    /// Hosts that are heard have to send an inventory first.
    private void awaitRecovered() {
        FakeAgent witness = fleet.borrower();
        Poll.until(
                () -> {
                    fleet.sync();
                    return !fleet.create(Fleet.spec(witness.vmId(), 1L << 40))
                            .code()
                            .equals("ledger_recovering");
                });
    }
}
