package io.memfabric.broker.policy;

import static org.assertj.core.api.Assertions.assertThat;

import io.memfabric.broker.policy.GrantAction.ClearProblem;
import io.memfabric.broker.policy.GrantAction.Detach;
import io.memfabric.broker.policy.GrantAction.Fence;
import io.memfabric.broker.policy.GrantAction.GiveUpNewLegs;
import io.memfabric.broker.policy.GrantAction.ReleaseFailed;
import io.memfabric.broker.policy.GrantAction.ShowProblem;
import io.memfabric.broker.policy.GrantAction.VoidRegions;
import io.memfabric.broker.policy.GrantEvent.Attached;
import io.memfabric.broker.policy.GrantEvent.CopiesReported;
import io.memfabric.broker.policy.GrantEvent.DetachRefused;
import io.memfabric.broker.policy.GrantEvent.Detached;
import io.memfabric.broker.policy.GrantEvent.Doubted;
import io.memfabric.broker.policy.GrantEvent.LegsReplaced;
import io.memfabric.broker.policy.GrantEvent.LenderLost;
import io.memfabric.broker.policy.GrantEvent.Prepared;
import io.memfabric.broker.policy.GrantEvent.ReleaseRequested;
import io.memfabric.broker.policy.GrantEvent.RepairPlaced;
import io.memfabric.broker.policy.GrantEvent.Trusted;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class GrantQuarantineTest {

    private static final int A = 0;
    private static final int B = 1;
    private static final int C = 2;
    private static final UUID HOST = new UUID(0, 1);
    private static final Failure NO = new Failure("no", "No.");

    @Test
    void freesNothingAndComesBackAsItWas() {
        Trace trace = active();
        assertThat(trace.on(new Doubted(NO))).containsExactly(new ShowProblem(NO));
        assertThat(trace.life.state()).isEqualTo(GrantState.QUARANTINED);
        assertThat(trace.on(new Doubted(NO))).isEmpty();
        assertThat(trace.on(new CopiesReported(false))).isEmpty();
        assertThat(trace.life.isRecallable() || trace.life.isRepairable()).isFalse();
        assertThat(trace.on(new Trusted())).containsExactly(new ClearProblem());
        assertThat(trace.life.state()).isEqualTo(GrantState.ACTIVE);
    }

    @Test
    void recordsThatALenderLostItsTableAndLacksItAfterwards() {
        Trace trace = active();
        trace.on(new Doubted(NO));
        assertThat(trace.on(new LenderLost(A, HOST))).containsExactly(new VoidRegions(A));
        assertThat(trace.life.state()).isEqualTo(GrantState.QUARANTINED);
        trace.on(new Trusted());
        assertThat(trace.life.state()).isEqualTo(GrantState.DEGRADED);
    }

    @Test
    void leavesWithTheDeviceAndStaysWhereThatIsRefused() {
        Trace trace = active();
        trace.on(new Doubted(NO));
        assertThat(trace.on(new ReleaseRequested())).containsExactly(new Detach());
        assertThat(trace.life.state()).isEqualTo(GrantState.QUARANTINED);
        assertThat(trace.on(new Trusted())).isEmpty();
        assertThat(trace.on(new DetachRefused(NO))).containsExactly(new ReleaseFailed(NO));
        assertThat(trace.life.state()).isEqualTo(GrantState.QUARANTINED);
        trace.on(new ReleaseRequested());
        assertThat(trace.on(new Detached())).containsExactly(new Fence(A), new Fence(B));
        assertThat(trace.life.state()).isEqualTo(GrantState.FENCED);
    }

    @Test
    void givesUpARoundOfWhichTheBorrowerHasNotHeardAndAwaitsOneThatItWasAskedFor() {
        Trace trace = active();
        trace.on(new LenderLost(A, HOST));
        trace.on(new RepairPlaced(Set.of(C)));
        assertThat(trace.on(new Doubted(NO)))
                .containsExactly(new ShowProblem(NO), new GiveUpNewLegs(), new Fence(C));
        assertThat(trace.life.state()).isEqualTo(GrantState.QUARANTINED);
        assertThat(trace.life.repair()).isEqualTo(RepairState.NONE);

        trace = active();
        trace.on(new LenderLost(A, HOST));
        trace.on(new RepairPlaced(Set.of(C)));
        trace.on(new Prepared(C));
        assertThat(trace.on(new Doubted(NO))).isEmpty();
        assertThat(trace.life.state()).isEqualTo(GrantState.DEGRADED);
        trace.on(new LegsReplaced(Set.of(C), Set.of(A)));
        trace.on(new Doubted(NO));
        assertThat(trace.life.state()).isEqualTo(GrantState.QUARANTINED);
    }

    private static Trace active() {
        Trace trace = new Trace();
        List.of(new Prepared(A), new Prepared(B), new Attached()).forEach(trace::on);
        assertThat(trace.life.state()).isEqualTo(GrantState.ACTIVE);
        return trace;
    }

    /// A mirrored grant from its begin.
    private static final class Trace {
        GrantLife life = GrantLife.begin(2, true).life();

        List<GrantAction> on(GrantEvent event) {
            GrantLife.Step step = life.on(event);
            life = step.life();
            return step.actions();
        }
    }
}
