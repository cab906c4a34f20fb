package io.memfabric.agent.balloon;

import static org.assertj.core.api.Assertions.assertThat;

import io.memfabric.agent.policy.BalloonDecision;
import io.memfabric.agent.policy.BalloonDecision.Action;
import io.memfabric.agent.policy.Inputs;
import io.memfabric.agent.policy.Why;
import io.memfabric.contract.agent.DecisionReport;
import io.memfabric.contract.agent.VmDecision;
import java.time.Duration;
import java.time.Instant;
import java.util.UUID;
import org.junit.jupiter.api.Test;

final class ExplanationsTest {

    private static final UUID VM = new UUID(0, 1);

    private final DecisionLog log = new DecisionLog();
    private final Explanations explanations = new Explanations(log);

    private void note(int number, String outcome) {
        Inputs inputs =
                new Inputs(100L << 20, Duration.ofMillis(300), -1, 0, 0, 32L << 20, 0, -1, null);
        BalloonDecision decision =
                new BalloonDecision(
                        VM, Action.INFLATE, 512L << 20, (500L - number) << 20, Why.IDLE, inputs);
        log.note(Instant.ofEpochMilli(number), decision, outcome);
    }

    @Test
    void tellsWhatIsNewOldestFirst() {
        note(1, "done");
        note(2, "done");
        note(3, "done");

        assertThat(explanations.after(1).decisions())
                .extracting(VmDecision::sequence)
                .containsExactly(2L, 3L);
        assertThat(explanations.after(3).decisions()).isEmpty();
    }

    @Test
    void tellsTheFiguresBehindADecision() {
        note(1, "libvirt said:\n no");
        VmDecision told = explanations.after(0).decisions().getFirst();

        assertThat(told.rule()).isEqualTo("IDLE");
        assertThat(told.reason()).contains("100 MiB");
        assertThat(told.outcome()).isEqualTo("libvirt said: no");
        assertThat(told.inputs().pressureCentipercent()).isNull();
        assertThat(told.inputs().usableBytes()).isEqualTo(100L << 20);
    }

    @Test
    void tellsNoMoreAtOnceThanFits() {
        for (int i = 0; i < 400; i++) {
            note(i, "done");
        }
        assertThat(explanations.after(0).decisions()).hasSize(DecisionReport.MOST);
    }
}
