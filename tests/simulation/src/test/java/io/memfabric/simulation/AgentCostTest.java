package io.memfabric.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class AgentCostTest {

    @Test
    void itsVmsAreReallyHarvested() {
        AgentCost cost = new AgentCost();
        long before = cost.balloons();
        cost.run(60);

        assertThat(cost.balloons()).isLessThan(before);
    }
}
