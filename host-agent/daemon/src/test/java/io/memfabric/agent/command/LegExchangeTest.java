package io.memfabric.agent.command;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.memfabric.contract.agent.CommandResult.Outcome;
import io.memfabric.contract.agent.LegPlan;
import io.memfabric.contract.agent.LegReplacement;
import io.memfabric.contract.agent.ReplaceLegs;
import java.io.IOException;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

final class LegExchangeTest extends CommandStand {

    private static final LegPlan FRESH = new LegPlan(new UUID(0, 4), "10.0.0.2:7450", "y");

    private static ReplaceLegs replace(long epoch) {
        return new ReplaceLegs(
                UUID.randomUUID(), GRANT, epoch, List.of(new LegReplacement(0, "x", FRESH)));
    }

    private List<LegPlan> plannedLegs() {
        HeldGrant held = grants.find(GRANT).orElseThrow();
        return requireNonNull(held.plan()).extents().getFirst().legs();
    }

    @Test
    void theNextAgentKnowsTheNewLegs() throws InterruptedException, IOException {
        attached();
        assertThat(answer(replace(1)).outcome()).isEqualTo(Outcome.DONE);
        assertThat(journal).containsExactly("replace 1");
        desk.close();
        start();
        assertThat(plannedLegs()).containsExactly(FRESH);
    }

    @Test
    void aRepeatedReplacementIsDoneAgainAndChangesNothing()
            throws InterruptedException, IOException {
        attached();
        assertThat(answer(replace(1)).outcome()).isEqualTo(Outcome.DONE);
        assertThat(answer(replace(1)).outcome()).isEqualTo(Outcome.DONE);
        assertThat(plannedLegs()).containsExactly(FRESH);
    }

    @Test
    void keepsThePlanWhereTheDeviceRefuses() throws InterruptedException {
        attached();
        List<LegPlan> before = plannedLegs();
        borrowing.fail("leg_unreachable");
        assertThat(answer(replace(1)).code()).isEqualTo("leg_unreachable");
        assertThat(plannedLegs()).isEqualTo(before);
    }

    @Test
    void refusesAGrantThatIsNotHeldAndAnEpochThatIsOver() throws InterruptedException {
        assertThat(answer(replace(1)).code()).isEqualTo("grant_not_held");
        attached();
        assertThat(answer(replace(0)).code()).isEqualTo("stale_epoch");
        assertThat(journal).isEmpty();
    }
}
