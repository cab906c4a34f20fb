package io.memfabric.simulation;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/// A short run over all patterns; the full one is `memfabric simulate harvest`.
final class HarvestSimulation {

    private static final long SEED = 7;
    private static final int HOURS = 3 * 3600;

    @Test
    void takesMostOfWhatAnOracleTakesAndIsAheadOfThePublishedRules() {
        Map<Standing, Score> scores = Simulation.compared(List.of(Pattern.values()), HOURS, SEED);
        Score ours = scores.getOrDefault(Standing.MEMFABRIC, Score.NONE);

        assertThat(ours.shareOfOracle()).as("seed %d", SEED).isGreaterThan(0.85);
        // What is learned at the start weighs eight times as much as in a day of the full run.
        assertThat(ours.pressureTimeShare()).as("seed %d", SEED).isLessThan(0.01);
        assertThat(scores)
                .as("seed %d: %s", SEED, scores)
                .allSatisfy(
                        (rule, score) ->
                                assertThat(rule == Standing.MEMFABRIC || ours.isAheadOf(score))
                                        .as(rule.label())
                                        .isTrue());
    }

    @Test
    void isTheSameForTheSameSeed() {
        List<Pattern> patterns = List.of(Pattern.BURSTY, Pattern.LIARS);

        assertThat(Simulation.compared(patterns, 1800, SEED))
                .isEqualTo(Simulation.compared(patterns, 1800, SEED));
    }

    @Test
    void anOracleLeavesWhatIsNeededWithinTheTimeOfGivingBack() {
        Trace trace = Pattern.BURSTY.host(1, HOURS, SEED).getFirst();
        Oracle oracle = new Oracle(trace, 256);
        for (int second = 0; second + 2 < HOURS; second++) {
            float left = trace.ceiling() - oracle.takenAt(second);
            assertThat(left).isGreaterThan(trace.need(second + 2) - 0.01f);
        }
    }

    @Test
    void aRuleThatTakesEverythingEarnsNothingWhereItHurts() {
        List<Trace> traces = Pattern.STEADY.host(2, 1800, SEED);
        Rule greedy = (host, _) -> host.guests().forEach(guest -> guest.target(256));
        Score score = new Run(traces, greedy, null).judged();

        assertThat(score.pressureTimeShare()).isGreaterThan(0.9);
        assertThat(score.shareOfOracle()).isLessThan(0.1);
    }
}
