package io.memfabric.agent.policy;

import static io.memfabric.agent.policy.BalloonCases.mib;
import static org.assertj.core.api.Assertions.assertThat;

import io.memfabric.agent.policy.BalloonDecision.Action;
import io.memfabric.agent.policy.GrowthPolicy.Sight;
import io.memfabric.agent.policy.VmMemory.Strain;
import io.memfabric.agent.policy.VmMemory.Terms;
import io.memfabric.agent.policy.VmMemory.Usable;
import io.memfabric.contract.vocabulary.MemorySize;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/// When a VM grows beyond its host, and when it shrinks again.
class GrowthPolicyTest {

    private static final UUID VM = new UUID(0, 1);
    private static final BalloonRules RULES =
            new BalloonRules(MemorySize.ofMib(96), MemorySize.ofMib(64), MemorySize.ofMib(128));

    private long names;
    private final GrowthPolicy policy = new GrowthPolicy(RULES, () -> new UUID(1, ++names));
    private GrowthState state = GrowthState.EMPTY;
    private int second;
    private boolean relievable;
    private long limit = mib(1024);
    private long swapTotal;
    private long swapUsed;

    private List<BalloonDecision> tick(long usableMib, long pressure) {
        VmMemory vm =
                new VmMemory(
                        VM,
                        mib(512),
                        mib(512),
                        mib(512),
                        new Usable(mib(usableMib), Duration.ZERO),
                        new Strain(pressure, 0, 0, Duration.ZERO),
                        false,
                        null,
                        true,
                        Terms.USUAL,
                        VmMemory.Backing.USUAL);
        Sight sight = new Sight(vm, relievable, limit, swapTotal, swapTotal - swapUsed);
        GrowthPolicy.Plan plan =
                policy.step(
                        List.of(sight), state, BalloonState.EMPTY, Duration.ofSeconds(second++));
        state = plan.state();
        return plan.decisions();
    }

    private List<BalloonDecision> ticks(int seconds, long usableMib, long pressure) {
        List<BalloonDecision> all = new ArrayList<>();
        for (int i = 0; i < seconds; i++) {
            all.addAll(tick(usableMib, pressure));
        }
        return all;
    }

    private UUID wanted() {
        return state.growths(VM).getLast().requestId();
    }

    /// The broker makes the grant and the guest swaps on it.
    private void granted() {
        state = state.live(VM, wanted());
        swapTotal = state.growths(VM).stream().mapToLong(GrowthState.Growth::bytes).sum();
    }

    private void grow() {
        ticks(5, 5, 5000);
        granted();
    }

    @Test
    void asksForMemoryOnlyWhenPressureStays() {
        assertThat(ticks(3, 100, 5000)).isEmpty();
        ticks(10, 300, 0);
        assertThat(ticks(1, 5, 5000)).isEmpty();
        ticks(10, 300, 0);
        assertThat(state.growths(VM)).isEmpty();
        List<BalloonDecision> decided = ticks(5, 5, 5000);
        assertThat(decided)
                .singleElement()
                .extracting(BalloonDecision::action)
                .isEqualTo(Action.GROW);
        assertThat(decided.getFirst().reason()).contains("5 MiB more").contains("50 %");
    }

    @Test
    void asksBeforeAGuestThatFillsItsMemoryHasFilledIt() {
        int left = 400;
        for (; state.growths(VM).isEmpty() && left > 0; left -= 20) {
            tick(left, 0);
        }
        assertThat(left).isBetween(120, 200);
        // 20 MiB a second last 15 s with this.
        assertThat(state.growths(VM).getFirst().bytes()).isEqualTo(mib(320));
    }

    @Test
    void asksForNothingWhereAGuestTakesALotOnceAndRests() {
        ticks(10, 400, 0);
        ticks(60, 250, 0);
        ticks(60, 100, 0);
        assertThat(state.growths(VM)).isEmpty();
    }

    @Test
    void asksForMoreBeforeItsSwapIsFull() {
        grow();
        ticks(5, 40, 0);
        for (; state.growths(VM).size() == 1 && swapUsed < swapTotal; swapUsed += mib(10)) {
            tick(40, 0);
        }
        assertThat(state.growths(VM)).hasSize(2);
        assertThat(swapTotal - swapUsed).isGreaterThan(mib(20));
    }

    @Test
    void case23AGuestWhosePressureFlipsGetsNothingForIt() {
        for (int i = 0; i < 600; i++) {
            tick(40, i % 2 == 0 ? 9000 : 0);
            tick(i % 2 == 0 ? 40 : 300, 0);
        }
        assertThat(state.growths(VM)).isEmpty();
    }

    @Test
    void forgetsVmsThatAreGoneButNotWhatTheyHold() {
        ticks(3, 300, 0);
        assertThat(state.vms()).hasSize(1);
        state = policy.step(List.of(), state, BalloonState.EMPTY, Duration.ofSeconds(9)).state();
        assertThat(state.vms()).isEmpty();
        grow();
        state = policy.step(List.of(), state, BalloonState.EMPTY, Duration.ofSeconds(99)).state();
        assertThat(state.growths(VM)).hasSize(1);
    }

    @Test
    void asksOnceAndWaitsForTheAnswer() {
        ticks(60, 5, 5000);
        assertThat(state.growths(VM)).hasSize(1);
    }

    @Test
    void takesWhatItsOwnHostCanGiveFirst() {
        relievable = true;
        assertThat(ticks(5, 5, 5000))
                .extracting(BalloonDecision::why)
                .containsOnly(Why.GROWTH_LOCAL_FIRST);
        assertThat(state.growths(VM)).isEmpty();
    }

    @Test
    void asksForNothingWhereThePolicyDoesNotAllowIt() {
        limit = 0;
        assertThat(ticks(5, 5, 5000)).extracting(BalloonDecision::why).containsOnly(Why.GROWTH_OFF);
        assertThat(state.growths(VM)).isEmpty();
    }

    @Test
    void sizesByDemandInWholeRegions() {
        ticks(5, 5, 5000);
        assertThat(state.growths(VM).getFirst().bytes()).isEqualTo(mib(128));
    }

    @Test
    void neverExceedsItsLimit() {
        limit = mib(200);
        grow();
        swapUsed = swapTotal;
        ticks(5, 5, 5000);
        granted();
        swapUsed = swapTotal;
        assertThat(swapTotal).isEqualTo(mib(192));
        assertThat(ticks(5, 5, 5000)).extracting(BalloonDecision::why).contains(Why.GROWTH_LIMIT);
        assertThat(state.growths(VM)).hasSize(2);
    }

    @Test
    void asksForNoMoreWhileItsSwapHasRoom() {
        grow();
        swapUsed = mib(20);
        ticks(60, 5, 5000);
        assertThat(state.growths(VM)).hasSize(1);
    }

    @Test
    void keepsWhatWouldNotFitIntoMemory() {
        grow();
        swapUsed = mib(120);
        ticks(600, 200, 0);
        assertThat(state.growths(VM).getFirst().stage()).isEqualTo(GrowthState.Stage.HELD);
    }

    @Test
    void givesBackWhatIsNoLongerNeeded() {
        grow();
        swapUsed = mib(10);
        assertThat(ticks(29, 400, 0)).isEmpty();
        assertThat(ticks(3, 400, 0))
                .singleElement()
                .extracting(BalloonDecision::why)
                .isEqualTo(Why.GROWTH_RETURNED);
        assertThat(state.growths(VM).getFirst().stage()).isEqualTo(GrowthState.Stage.LEAVING);
        state = state.gone(VM, wanted());
        assertThat(state.growths(VM)).isEmpty();
    }

    @Test
    void givesBackHoweverOftenTheBrokerSaysThatItIsHeld() {
        grow();
        List<BalloonDecision> decided = new ArrayList<>();
        for (int i = 0; i < 7; i++) {
            decided.addAll(ticks(5, 400, 0));
            if (decided.isEmpty()) {
                state = state.live(VM, wanted());
            }
        }
        assertThat(decided).extracting(BalloonDecision::why).containsOnly(Why.GROWTH_RETURNED);
        assertThat(state.growths(VM).getFirst().stage()).isEqualTo(GrowthState.Stage.LEAVING);
    }

    @Test
    void keepsItsGrantWhereItIsCalmForAMomentOnly() {
        grow();
        for (int i = 0; i < 30; i++) {
            ticks(20, 400, 0);
            ticks(2, 60, 0);
        }
        assertThat(state.growths(VM).getFirst().stage()).isEqualTo(GrowthState.Stage.HELD);
    }

    @Test
    void waitsLongerAfterEachRefusal() {
        ticks(5, 5, 5000);
        List<Integer> asked = new ArrayList<>();
        for (int i = 0; i < 300; i++) {
            if (!state.growths(VM).isEmpty()) {
                asked.add(second);
                state = state.refused(VM, wanted(), Duration.ofSeconds(second));
            }
            tick(5, 5000);
        }
        assertThat(asked).hasSizeBetween(4, 5);
        assertThat(asked.get(3) - asked.get(2)).isGreaterThan(asked.get(1) - asked.getFirst());
    }

    @Test
    void remembersWhatItHeldBeforeItWasStartedAnew() {
        UUID before = UUID.randomUUID();
        state = GrowthState.EMPTY.remembering(VM, before, mib(128));
        swapTotal = mib(128);
        ticks(40, 400, 0);
        assertThat(state.growths(VM))
                .singleElement()
                .isEqualTo(new GrowthState.Growth(before, mib(128), GrowthState.Stage.LEAVING));
    }
}
