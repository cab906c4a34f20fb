package io.memfabric.agent.policy;

import static io.memfabric.agent.policy.BalloonCases.NOW;
import static io.memfabric.agent.policy.BalloonCases.RULES;
import static io.memfabric.agent.policy.BalloonCases.idle;
import static io.memfabric.agent.policy.BalloonCases.mib;
import static org.assertj.core.api.Assertions.assertThat;

import io.memfabric.agent.policy.BalloonCases.Vm;
import io.memfabric.agent.policy.BalloonDecision.Action;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.function.IntFunction;
import org.junit.jupiter.api.Test;

final class ReliefPolicyTest {

    private final ReliefPolicy relief = new ReliefPolicy(RULES);

    private List<BalloonDecision> decide(HostSnapshot snapshot) {
        return relief.step(snapshot, BalloonState.EMPTY, NOW).decisions();
    }

    private static Vm inflated() {
        return idle().balloon(mib(200)).usable(mib(60), Duration.ofSeconds(1));
    }

    @Test
    void givesEverythingBackToAGuestThatHasNearlyNothingLeft() {
        Vm short_ = inflated().usable(mib(15), Duration.ofSeconds(1));

        assertThat(decide(short_.alone()))
                .singleElement()
                .satisfies(
                        d -> {
                            assertThat(d.action()).isEqualTo(Action.DEFLATE);
                            assertThat(d.targetBytes()).isEqualTo(mib(512));
                        });
    }

    @Test
    void givesEverythingBackToAVmThatShallLendNothingAnyMore() {
        Vm vm = inflated().usable(mib(150), Duration.ZERO).terms(0, false);

        assertThat(decide(vm.alone()))
                .singleElement()
                .satisfies(d -> assertThat(d.targetBytes()).isEqualTo(mib(512)));
    }

    @Test
    void givesBackWhatWasTakenBelowANewFloor() {
        Vm vm = inflated().usable(mib(150), Duration.ZERO).terms(mib(256), true);

        assertThat(decide(vm.alone()))
                .singleElement()
                .satisfies(
                        d -> {
                            assertThat(d.targetBytes()).isEqualTo(mib(256));
                            assertThat(d.reason()).contains("floor (256 MiB)");
                        });
    }

    @Test
    void givesBackToAGuestThatWaitsForMemory() {
        assertThat(after(16, _ -> inflated().pressure(1001)).decisions()).hasSize(1);
    }

    @Test
    void givesBackAtOnceToAGuestThatDoesNothingButWait() {
        assertThat(decide(inflated().pressure(3501).alone())).hasSize(1);
    }

    @Test
    void takesPressureForItsOwnWhileTheBalloonMoves() {
        assertThat(decide(inflated().pressure(1001).alone())).isEmpty();
    }

    @Test
    void givesBackToAGuestThatFellSilent() {
        assertThat(decide(inflated().usable(mib(60), Duration.ofSeconds(21)).alone())).hasSize(1);
    }

    @Test
    void leavesAGuestThatIsWell() {
        assertThat(decide(inflated().alone())).isEmpty();
    }

    @Test
    void leavesAGuestThatHasAllItsMemory() {
        assertThat(decide(idle().usable(mib(1), Duration.ZERO).pressure(5000).alone())).isEmpty();
    }

    @Test
    void leavesAVmThatCannotDeflate() {
        assertThat(decide(inflated().pressure(5000).excluded("it is paused", false).alone()))
                .isEmpty();
    }

    @Test
    void givesOnlyWhatTheHostHas() {
        Vm short_ = inflated().usable(mib(1), Duration.ZERO);
        HostSnapshot host = new HostSnapshot(mib(100), mib(64), List.of(short_.memory()));

        assertThat(decide(host))
                .singleElement()
                .satisfies(
                        d -> {
                            assertThat(d.targetBytes()).isEqualTo(mib(200 + 100));
                            assertThat(d.reason()).contains("the host is short");
                        });
    }

    @Test
    void givesEverybodyWhatIsMissingNowBeforeWhatMayBeMissingNext() {
        UUID needier = new UUID(0, 2);
        HostSnapshot host =
                new HostSnapshot(
                        mib(64 + 200),
                        0,
                        List.of(
                                inflated().usable(mib(10), Duration.ZERO).memory(),
                                inflated().usable(mib(5), Duration.ZERO).memory(needier)));

        assertThat(decide(host))
                .satisfiesExactly(
                        first -> {
                            assertThat(first.vmId()).isEqualTo(needier);
                            assertThat(first.targetBytes()).isGreaterThan(mib(200 + 128));
                        },
                        second ->
                                assertThat(second.targetBytes())
                                        .isBetween(mib(200 + 1), mib(200 + 72)));
    }

    @Test
    void saysThatTheHostHasNothingLeft() {
        Vm short_ = inflated().usable(mib(1), Duration.ZERO);

        assertThat(decide(new HostSnapshot(mib(64), 0, List.of(short_.memory()))))
                .singleElement()
                .satisfies(
                        d -> {
                            assertThat(d.action()).isEqualTo(Action.HOLD);
                            assertThat(d.reason()).contains("nothing left");
                            assertThat(d.unless()).isEqualTo("free host memory");
                        });
    }

    private BalloonPlan after(int seconds, IntFunction<Vm> seen) {
        BalloonPlan plan = relief.step(seen.apply(0).alone(), BalloonState.EMPTY, NOW);
        for (int second = 1; second <= seconds; second++) {
            HostSnapshot host = seen.apply(second).alone();
            plan = relief.step(host, plan.state(), NOW.plusSeconds(second));
        }
        return plan;
    }

    @Test
    void givesBackALittleWhereWhatWasTakenIsReadAgainAndAgain() {
        assertThat(after(5, second -> inflated().refaulted(300L * second)).decisions())
                .singleElement()
                .satisfies(
                        d -> {
                            assertThat(d.why()).isEqualTo(Why.HURT);
                            assertThat(d.targetBytes()).isLessThan(mib(300));
                            assertThat(d.reason()).contains("pages a second");
                        });
    }

    @Test
    void givesBackSoonerWhereMuchIsReadAgain() {
        assertThat(after(3, second -> inflated().refaulted(2000L * second)).decisions())
                .singleElement()
                .satisfies(d -> assertThat(d.why()).isEqualTo(Why.HURT));
    }

    @Test
    void takesABurstOfRefaultsForNoHurt() {
        assertThat(after(12, second -> inflated().refaulted(second < 2 ? 0 : 400)).decisions())
                .isEmpty();
    }

    @Test
    void givesBackALittleWhereAGuestWaitsWhileItsBalloonRests() {
        assertThat(after(7, second -> inflated().stalled(20_000L * second)).decisions())
                .singleElement()
                .satisfies(d -> assertThat(d.why()).isEqualTo(Why.HURT));
    }

    @Test
    void takesWhatTheBalloonItselfStallsForNoHurt() {
        assertThat(
                        after(
                                        9,
                                        second ->
                                                inflated()
                                                        .balloon(mib(300 - 4 * second))
                                                        .stalled(300_000L * second))
                                .decisions())
                .isEmpty();
    }

    @Test
    void makesNothingOfACounterThatJumpsBack() {
        Vm before = inflated().refaulted(1_000_000);
        BalloonState state = relief.step(before.alone(), BalloonState.EMPTY, NOW).state();

        assertThat(relief.step(before.refaulted(5).alone(), state, NOW.plusSeconds(1)).decisions())
                .isEmpty();
    }
}
