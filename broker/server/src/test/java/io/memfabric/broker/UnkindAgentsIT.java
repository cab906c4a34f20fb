package io.memfabric.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.memfabric.broker.testbed.FakeAgent;
import io.memfabric.broker.testbed.Fleet;
import io.memfabric.broker.testbed.Http;
import io.memfabric.broker.testbed.Poll;
import io.memfabric.broker.testbed.TestBroker;
import io.memfabric.contract.agent.AgentCommand;
import io.memfabric.contract.agent.CommandResult;
import io.memfabric.contract.agent.FenceRegions;
import io.memfabric.contract.agent.RegionReport;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Agents that say too much, too late, again, or what cannot be. The cases are those of the fault
/// catalogue.
class UnkindAgentsIT {

    private static final long MIB = 1L << 20;

    /// More regions than a table may have.
    private static final int MANY = 300_000;

    private final Fleet fleet = new Fleet();

    @AfterEach
    void retire() {
        fleet.close();
    }

    /// Case 8: answers to yesterday's commands come again after the host has enrolled anew.
    @Test
    void takesNoAnswerTwiceEvenAfterANewEnrollment() {
        FakeAgent lender = fleet.lender(1);
        FakeAgent borrower = fleet.borrower();
        String first = fleet.active(borrower, 64 * MIB, 1);
        List<AgentCommand> captured = new ArrayList<>();
        fleet.release(first);
        captured.addAll(borrower.obey());
        captured.addAll(lender.obey());
        assertThat(captured).hasSize(2);
        String second = fleet.active(borrower, 64 * MIB, 1);

        FakeAgent again = FakeAgent.enroll(TestBroker.shared(), lender.name());
        assertThat(again.hostId()).isEqualTo(lender.hostId());
        assertThat(lender.http().get("/agent/v1/commands").status()).isEqualTo(401);
        captured.forEach(
                command -> {
                    FakeAgent host = command instanceof FenceRegions ? again : borrower;
                    host.answer(CommandResult.done(command.commandId()));
                    host.answer(CommandResult.refused(command.commandId(), "stale", "replayed"));
                });
        assertThat(fleet.state(first)).isEqualTo("RELEASED");
        assertThat(fleet.state(second)).isEqualTo("ACTIVE");
    }

    /// Case 9: figures that cannot be are refused, and what is only absurd is worth nothing.
    @Test
    void believesNoAbsurdFigures() {
        FakeAgent liar = fleet.lender(1);
        FakeAgent borrower = fleet.borrower();
        assertThat(liar.http().postRaw("/agent/v1/reports", report(liar, 1L << 60)).status())
                .isEqualTo(200);
        assertThat(liar.http().postRaw("/agent/v1/reports", report(liar, -1)).status())
                .isBetween(400, 422);
        assertThat(fleet.create(Fleet.spec(borrower.vmId(), 128 * MIB)).code())
                .isEqualTo("insufficient_capacity");

        StringBuilder many = new StringBuilder("{\"bootId\":\"" + liar.bootId() + "\",");
        many.append("\"grants\":[],\"regions\":[");
        for (int id = 1; id <= MANY; id++) {
            many.append(id == 1 ? "" : ",")
                    .append("{\"regionId\":")
                    .append(id)
                    .append(",\"generation\":0,\"state\":\"FREE\",\"grantId\":null,\"epoch\":0}");
        }
        assertThat(liar.http().postRaw("/agent/v1/inventories", many + "]}").status())
                .isBetween(400, 422);
        assertThat(fleet.regionStates(liar)).containsExactly("FREE");
    }

    private static String report(FakeAgent agent, long available) {
        return """
                {"bootId":"%s","sequence":99,"mode":"HARVEST","memory":{"totalBytes":%d,
                "availableBytes":%d,"reserveBytes":0,"harvestedBytes":0,"offeredBytes":%d,
                "lentBytes":0,"shortBytes":0},"vms":[],"policiesTag":null,"forecast":null,"since":null}"""
                .formatted(agent.bootId(), 1L << 60, available, 1L << 60);
    }

    /// Case 9: a host that says that it keeps a region for a grant of other hosts changes nothing of
    /// that grant.
    @Test
    void letsNoHostIntoAGrantThatItHasNoPartOf() {
        FakeAgent lender = fleet.lender(1);
        FakeAgent borrower = fleet.borrower();
        String grant = fleet.active(borrower, 64 * MIB, 1);
        FakeAgent liar = fleet.lender(1);
        RegionReport real = lender.region(1);
        liar.put(
                new RegionReport(
                        1,
                        real.generation(),
                        RegionReport.State.CLAIMED,
                        real.grantId(),
                        real.epoch()));
        liar.sync();
        assertThat(fleet.state(grant)).isEqualTo("ACTIVE");
        assertThat(fleet.regionStates(lender)).containsOnly("CLAIMED");
        assertThat(fleet.regionStates(liar)).containsOnly("BLOCKED");
        assertThat(fleet.grant(grant).at("/status/extents/0/legs")).hasSize(1);
        liar.dissolveTo(0);
        liar.withdraw(1);
        liar.sync();
        awaitCalm();
    }

    /// Case 10: a host is heard and answers nothing, and then everything at once, twice.
    @Test
    void waitsForALenderThatIsHeardAndAnswersNothing() {
        FakeAgent lender = fleet.lender(3);
        FakeAgent borrower = fleet.borrower();
        List<Http.Answer> asked = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            asked.add(fleet.create(Fleet.spec(borrower.vmId(), 64 * MIB)));
        }
        List<AgentCommand> seen = lender.commands();
        for (int second = 0; second < 20; second++) {
            fleet.hear();
            assertThat(lender.commands()).isEqualTo(seen);
        }
        fleet.release(Fleet.grantOf(asked.getFirst()));
        lender.obey();
        seen.forEach(command -> lender.answer(CommandResult.done(command.commandId())));
        borrower.obey();
        fleet.settle();
        assertThat(fleet.state(Fleet.grantOf(asked.get(0)))).isEqualTo("RELEASED");
        assertThat(fleet.state(Fleet.grantOf(asked.get(1)))).isEqualTo("ACTIVE");
        assertThat(fleet.state(Fleet.grantOf(asked.get(2)))).isEqualTo("ACTIVE");
        assertThat(fleet.regionStates(lender))
                .containsExactlyInAnyOrder("FREE", "CLAIMED", "CLAIMED");
    }

    /// Case 12: a lender restarts between two reports and offers the same region numbers again.
    @Test
    void takesRegionsOfANewTableForOthersThoughTheyHaveTheSameNumbers() {
        FakeAgent lender = fleet.lender(1);
        FakeAgent borrower = fleet.borrower();
        String grant = fleet.active(borrower, 64 * MIB, 1);
        UUID before = lender.bootId();
        lender.reboot(1);
        lender.sync();
        assertThat(lender.bootId()).isNotEqualTo(before);
        assertThat(lender.region(1).state()).isEqualTo(RegionReport.State.FREE);
        assertThat(fleet.grant(grant).at("/status/problem/code").asString()).isEqualTo("leg_lost");
        String next = fleet.active(borrower, 64 * MIB, 1);
        assertThat(fleet.grant(next).at("/status/extents/0/legs/0/bootId").asString())
                .isEqualTo(lender.bootId().toString());
        fleet.release(grant);
        borrower.obey();
        assertThat(fleet.state(grant)).isEqualTo("RELEASED");
        assertThat(lender.commands()).isEmpty();
        assertThat(fleet.state(next)).isEqualTo("ACTIVE");
        assertThat(fleet.regionStates(lender)).containsOnly("CLAIMED");
    }

    /// Other tests find a ledger that is not being recovered.
    private void awaitCalm() {
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
