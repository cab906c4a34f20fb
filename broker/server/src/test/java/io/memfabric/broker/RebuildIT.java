package io.memfabric.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.memfabric.broker.testbed.FakeAgent;
import io.memfabric.broker.testbed.Fleet;
import io.memfabric.broker.testbed.Http;
import io.memfabric.broker.testbed.Poll;
import io.memfabric.contract.agent.DevicePlan;
import io.memfabric.contract.agent.ExtentPlan;
import io.memfabric.contract.agent.LegPlan;
import io.memfabric.contract.agent.LegReport;
import io.memfabric.contract.agent.RegionReport;
import io.memfabric.contract.region.ExportName;
import io.memfabric.contract.vocabulary.AttachMode;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Fault F7: grants that live and that a ledger which lost commits does not know.
class RebuildIT {

    private static final long MIB = 1L << 20;
    private static final String SECRET = "0123456789abcdef0123456789abcdef";

    private final Fleet fleet = new Fleet();
    private final UUID lost = UUID.randomUUID();
    private final FakeAgent first = fleet.lender(1);
    private final FakeAgent second = fleet.lender(1);
    private final FakeAgent borrower = fleet.borrower();

    @AfterEach
    void retire() {
        awaitGranting();
        fleet.close();
    }

    @Test
    void isInTheLedgerAgainWhereBorrowerAndLendersSayTheSame() {
        keep(first, 7);
        keep(second, 9);
        attach(leg(first, 7), leg(second, 9));
        sayAll();

        String id = lost.toString();
        assertThat(fleet.state(id)).isEqualTo("ACTIVE");
        assertThat(fleet.grant(id).at("/status/sizeBytes").asLong()).isEqualTo(64 * MIB);
        assertThat(fleet.grant(id).at("/spec/copies").asInt()).isEqualTo(2);
        assertThat(fleet.regionStates(first)).containsExactly("CLAIMED");
        assertThat(fleet.regionStates(second)).containsExactly("CLAIMED");
        assertThat(quarantined().status()).isEqualTo(404);
        assertThat(borrower.report().describe()).isNull();
        assertThat(borrower.commands()).isEmpty();
        assertThat(first.commands()).isEmpty();

        awaitGranting();
        assertThat(fleet.release(id).status()).isEqualTo(202);
        fleet.settle();
        assertThat(fleet.state(id)).isEqualTo("RELEASED");
        fleet.sync();
        assertThat(fleet.regionStates(first)).containsExactly("FREE");
        assertThat(fleet.regionStates(second)).containsExactly("FREE");
    }

    @Test
    void staysInQuarantineWhereALenderSaysSomethingElse() {
        keep(first, 7);
        keep(second, 8);
        attach(leg(first, 7), leg(second, 9));
        sayAll();
        assertStaysAsItIs();
        assertThat(fleet.regions(first).getFirst().at("/status/heldFor").asString())
                .isEqualTo(lost.toString());
    }

    @Test
    void staysInQuarantineWhileACopyIsNotWhole() {
        keep(first, 7);
        keep(second, 9);
        attach(leg(first, 7), leg(second, 9));
        borrower.say(
                lost,
                List.of(
                        new LegReport(
                                0,
                                leg(second, 9).exportName(),
                                LegReport.Reach.BROKEN,
                                false,
                                4096)));
        sayAll();
        assertStaysAsItIs();

        borrower.say(lost, List.of());
        fleet.sync();
        assertThat(fleet.state(lost.toString())).isEqualTo("ACTIVE");
        awaitGranting();
    }

    @Test
    void staysInQuarantineWhereTheDeviceIsBuiltOfRegionsOfAnotherGrant() {
        UUID another = UUID.randomUUID();
        first.put(new RegionReport(1, 7, RegionReport.State.CLAIMED, another, 1));
        keep(second, 9);
        attach(leg(first, 7), leg(second, 9));
        sayAll();
        assertStaysAsItIs();
    }

    private void keep(FakeAgent lender, long generation) {
        lender.put(new RegionReport(1, generation, RegionReport.State.CLAIMED, lost, 1));
    }

    private LegPlan leg(FakeAgent lender, long generation) {
        return new LegPlan(
                lender.hostId(),
                "192.0.2.1:7700",
                new ExportName(lender.bootId(), 1, generation, lost, 1, SECRET).wire());
    }

    private void attach(LegPlan... legs) {
        borrower.pretendAttached(
                lost,
                borrower.vmId(),
                new DevicePlan(
                        "mf" + lost.toString().substring(0, 8),
                        AttachMode.SWAP,
                        List.of(new ExtentPlan(0, List.of(legs)))));
    }

    /// The borrower is asked how the device is built once it has said that it has it.
    private void sayAll() {
        fleet.sync();
        assertThat(borrower.report().describe()).containsExactly(lost);
        fleet.sync();
    }

    private void assertStaysAsItIs() {
        assertThat(fleet.admin().get("/api/v1/grants/" + lost).status()).isEqualTo(404);
        assertThat(quarantined().status()).isEqualTo(200);
        assertThat(fleet.regionStates(first)).containsExactly("BLOCKED");
        assertThat(fleet.regionStates(second)).containsExactly("BLOCKED");
        assertThat(borrower.report().describe()).containsExactly(lost);
        assertThat(borrower.commands()).isEmpty();
        assertThat(first.commands()).isEmpty();
        assertThat(second.commands()).isEmpty();
    }

    private Http.Answer quarantined() {
        return fleet.admin().get("/api/v1/quarantine/" + lost);
    }

    private void awaitGranting() {
        Poll.until(
                () -> {
                    fleet.sync();
                    return !fleet.create(Fleet.spec(borrower.vmId(), 1L << 40))
                            .code()
                            .equals("ledger_recovering");
                });
    }
}
