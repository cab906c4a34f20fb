package io.memfabric.agent.policy;

import static io.memfabric.agent.policy.BalloonCases.NOW;
import static io.memfabric.agent.policy.BalloonCases.RULES;
import static io.memfabric.agent.policy.BalloonCases.idle;
import static io.memfabric.agent.policy.BalloonCases.mib;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

final class NeighbourPolicyTest {

    private static final UUID NEEDY = new UUID(0, 2);
    private static final UUID BUSY = new UUID(0, 3);

    private final NeighbourPolicy neighbours = new NeighbourPolicy(RULES);

    private List<BalloonDecision> decide(long availableMib, VmMemory... vms) {
        HostSnapshot host = new HostSnapshot(mib(availableMib), 0, List.of(vms));
        BalloonPlan given = new ReliefPolicy(RULES).step(host, BalloonState.EMPTY, NOW);
        return neighbours.step(host, given, NOW).decisions();
    }

    private static VmMemory needy() {
        return idle().balloon(mib(200)).usable(mib(1), Duration.ZERO).memory(NEEDY);
    }

    @Test
    void takesFromTheIdlestNeighbourWhatTheHostCannotGive() {
        VmMemory busy = idle().usable(mib(100), Duration.ZERO).memory(BUSY);

        assertThat(decide(64, busy, needy(), idle().memory()))
                .first()
                .satisfies(
                        decision -> {
                            assertThat(decision.vmId()).isEqualTo(BalloonCases.VM);
                            assertThat(decision.why()).isEqualTo(Why.NEIGHBOUR);
                            assertThat(decision.targetBytes()).isLessThan(mib(512));
                        });
    }

    @Test
    void leavesNeighboursAloneWhereTheHostHasEnough() {
        assertThat(decide(8192, needy(), idle().memory())).isEmpty();
    }

    @Test
    void takesNothingOfWhatANeighbourHasToKeep() {
        VmMemory tight = idle().usable(RULES.headroom().bytes(), Duration.ZERO).memory();

        assertThat(decide(64, needy(), tight)).isEmpty();
    }

    @Test
    void takesNothingOnStaleWords() {
        VmMemory stale = idle().usable(mib(400), Duration.ofSeconds(6)).memory();

        assertThat(decide(64, needy(), stale)).isEmpty();
    }
}
