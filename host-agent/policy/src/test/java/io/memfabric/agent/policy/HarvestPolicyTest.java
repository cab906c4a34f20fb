package io.memfabric.agent.policy;

import static io.memfabric.agent.policy.BalloonCases.NOW;
import static io.memfabric.agent.policy.BalloonCases.RULES;
import static io.memfabric.agent.policy.BalloonCases.idle;
import static io.memfabric.agent.policy.BalloonCases.mib;
import static org.assertj.core.api.Assertions.assertThat;

import io.memfabric.agent.policy.BalloonCases.Vm;
import io.memfabric.agent.policy.BalloonDecision.Action;
import java.time.Duration;
import org.junit.jupiter.api.Test;

final class HarvestPolicyTest {

    private final ReliefPolicy relief = new ReliefPolicy(RULES);
    private final HarvestPolicy harvest = new HarvestPolicy(RULES);
    private BalloonState state = BalloonState.EMPTY;

    private BalloonDecision tick(Vm vm, Duration now) {
        BalloonPlan given = relief.step(vm.alone(), state, now);
        BalloonPlan taken = harvest.step(vm.alone(), given.state(), now);
        state = taken.state();
        return taken.decisions().getFirst();
    }

    /// What is decided of a VM that was never seen before.
    private BalloonDecision decide(Vm vm) {
        state = BalloonState.EMPTY;
        return tick(vm, NOW);
    }

    private static Duration after(long seconds) {
        return NOW.plusSeconds(seconds);
    }

    @Test
    void takesIdleMemoryOneStepAtATime() {
        BalloonDecision decision = tick(idle(), NOW);

        assertThat(decision.action()).isEqualTo(Action.INFLATE);
        assertThat(decision.targetBytes()).isEqualTo(mib(512 - 128));
        assertThat(decision.reason()).contains("400 MiB").contains("32 MiB");
    }

    @Test
    void leavesTheHeadroom() {
        Vm nearlyDone = idle().balloon(mib(200)).usable(mib(90), Duration.ZERO);

        assertThat(tick(nearlyDone, NOW).targetBytes()).isEqualTo(mib(142));
    }

    @Test
    void neverGoesBelowTheFloor() {
        Vm small = idle().balloon(mib(130)).usable(mib(120), Duration.ZERO);

        assertThat(tick(small, NOW).targetBytes()).isEqualTo(mib(96));
    }

    @Test
    void neverGoesBelowTheFloorThatTheVmsOperatorWants() {
        Vm vm = idle().balloon(mib(300)).usable(mib(290), Duration.ZERO).terms(mib(256), true);

        assertThat(tick(vm, NOW).targetBytes()).isEqualTo(mib(256));
    }

    @Test
    void takesNothingFromAVmThatLendsNothing() {
        BalloonDecision decision = tick(idle().terms(0, false), NOW);

        assertThat(decision.action()).isEqualTo(Action.HOLD);
        assertThat(decision.why()).isEqualTo(Why.LENDS_NOTHING);
    }

    @Test
    void leavesWhatIsNotWorthAMove() {
        Vm nearlyDone = idle().balloon(mib(200)).usable(mib(39), Duration.ZERO);

        assertThat(tick(nearlyDone, NOW).action()).isEqualTo(Action.HOLD);
    }

    @Test
    void refusesToShrinkOnStaleStatistics() {
        assertThat(tick(idle().usable(mib(400), Duration.ofSeconds(6)), NOW).reason())
                .contains("stale");
    }

    @Test
    void refusesToShrinkWithoutStatistics() {
        assertThat(tick(idle().withoutStatistics(), NOW).action()).isEqualTo(Action.HOLD);
    }

    @Test
    void leavesAnExcludedVmAloneAndSaysWhy() {
        assertThat(tick(idle().excluded("its memory is huge pages", true), NOW).reason())
                .isEqualTo("left alone: its memory is huge pages");
    }

    @Test
    void leavesABorrowerAlone() {
        assertThat(tick(idle().borrowing(), NOW).reason()).contains("holds a grant");
    }

    @Test
    void leavesAGuestAloneThatWaitsForMemory() {
        tick(idle().pressure(300).borrowing(), NOW);

        assertThat(tick(idle().pressure(300), after(16)).reason()).contains("waits for memory");
    }

    @Test
    void goesOnWhereOnlyItsOwnMoveMadeTheGuestWait() {
        tick(idle(), NOW);
        Vm moved = idle().balloon(mib(384)).usable(mib(272), Duration.ZERO);

        assertThat(tick(moved.pressure(900), after(1)).action()).isEqualTo(Action.INFLATE);
    }

    @Test
    void leavesAVmAloneWhoseProcessWaitsForItsHostsMemory() {
        assertThat(decide(idle().backing(false, 1500)).why()).isEqualTo(Why.HOST_WAITS);
        assertThat(decide(idle().backing(false, 1500)).reason()).contains("15 %");
        assertThat(decide(idle().backing(false, 900)).why()).isEqualTo(Why.IDLE);
    }

    @Test
    void takesLargeStepsWhereHugePagesBackTheVm() {
        BalloonDecision large = decide(idle().backing(true, -1));
        long step = BalloonRules.hugeStep(idle().memory());
        assertThat(step).isEqualTo(mib(32));
        assertThat(large.action()).isEqualTo(Action.INFLATE);
        assertThat(large.targetBytes() % step).isZero();
        assertThat(large.fromBytes() - large.targetBytes()).isGreaterThanOrEqualTo(step);
        // 20 MiB more than it has to keep are worth a move of small pages only.
        Vm little = idle().usable(mib(52), Duration.ofSeconds(1));
        assertThat(decide(little.backing(false, -1)).why()).isEqualTo(Why.IDLE);
        assertThat(decide(little.backing(true, -1)).action()).isEqualTo(Action.HOLD);
    }

    @Test
    void waitsUntilTheGuestHasFollowed() {
        tick(idle(), NOW);

        assertThat(tick(idle().balloon(mib(450)), after(1)).reason()).contains("on the way");
    }

    @Test
    void doesNotTakeTheSameMemoryTwice() {
        tick(idle().usable(mib(150), Duration.ZERO), NOW);
        // The balloon has moved by 111 MiB; the guest's figure is still from before.
        BalloonDecision second =
                tick(idle().balloon(mib(401)).usable(mib(150), Duration.ofSeconds(1)), after(1));

        assertThat(second.action()).isEqualTo(Action.HOLD);
    }

    @Test
    void retreatsFromAGuestThatDoesNotFollow() {
        tick(idle(), NOW);
        tick(idle().balloon(mib(450)), after(1));
        assertThat(tick(idle().balloon(mib(450)), after(6)).why()).isEqualTo(Why.STALLED);
        BalloonDecision decision = tick(idle().balloon(mib(450)), after(21));

        assertThat(decision.action()).isEqualTo(Action.RETREAT);
        assertThat(decision.targetBytes()).isEqualTo(mib(450));
    }

    @Test
    void leavesAGuestAloneForAMinuteThatDidNotFollow() {
        tick(idle(), NOW);
        tick(idle().balloon(mib(450)), after(1));
        tick(idle().balloon(mib(450)), after(21));

        assertThat(tick(idle().balloon(mib(450)), after(80)).action()).isEqualTo(Action.HOLD);
        assertThat(tick(idle().balloon(mib(450)), after(82)).action()).isEqualTo(Action.INFLATE);
    }

    @Test
    void backsOffForAMinuteAfterRelief() {
        Vm needy = idle().balloon(mib(200)).usable(mib(5), Duration.ZERO);
        tick(needy, NOW);

        assertThat(tick(idle(), after(59)).reason()).contains("got memory back");
        assertThat(tick(idle(), after(61)).action()).isEqualTo(Action.INFLATE);
    }

    @Test
    void doesNotTakeWhatItHadToGiveBackAMomentAgo() {
        tick(idle().balloon(mib(200)).usable(mib(22), Duration.ZERO), NOW);
        Vm calmer = idle().balloon(mib(210)).usable(mib(45), Duration.ZERO);

        assertThat(tick(calmer, after(5)).why()).isEqualTo(Why.BREATHES);
        assertThat(tick(calmer, after(61)).action()).isEqualTo(Action.INFLATE);
    }
}
