package io.memfabric.broker.policy;

import static io.memfabric.broker.policy.NoticeClass.GUARANTEED;
import static io.memfabric.broker.policy.NoticeClass.SPOT;
import static io.memfabric.broker.policy.NoticeClass.STANDARD;
import static org.assertj.core.api.Assertions.assertThat;

import io.memfabric.broker.policy.RecallPolicy.CopyHome;
import io.memfabric.broker.policy.RecallPolicy.Drop;
import io.memfabric.broker.policy.RecallPolicy.Held;
import io.memfabric.broker.policy.RecallPolicy.Move;
import io.memfabric.broker.policy.RecallPolicy.Other;
import io.memfabric.broker.policy.RecallPolicy.Plan;
import io.memfabric.broker.policy.RecallPolicy.Slot;
import io.memfabric.broker.policy.RecallPolicy.Time;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

class RecallPolicyTest {

    private static final UUID A = new UUID(0, 1);
    private static final UUID B = new UUID(0, 2);

    @Test
    void dropsSecondCopiesBeforeItMovesAnything() {
        Plan plan =
                RecallPolicy.plan(
                        2,
                        Time.AMPLE,
                        List.of(
                                held(A, 0, SPOT, Other.NONE),
                                held(B, 0, STANDARD, Other.WHOLE),
                                held(B, 1, STANDARD, Other.WHOLE)));
        assertThat(plan.steps())
                .containsExactly(new Drop(B, List.of(new Slot(0, 1), new Slot(1, 1))));
        assertThat(plan.missing()).isZero();
    }

    @Test
    void takesSpotFirstAndGuaranteedLast() {
        List<Held> all =
                List.of(
                        held(A, 0, GUARANTEED, Other.NONE),
                        held(B, 0, SPOT, Other.NONE),
                        held(new UUID(0, 3), 0, STANDARD, Other.NONE));
        assertThat(RecallPolicy.plan(1, Time.AMPLE, all).steps())
                .containsExactly(new Move(B, List.of(new Slot(0, 1)), false));
        assertThat(RecallPolicy.plan(2, Time.AMPLE, all).steps())
                .extracting(RecallPolicy.Step::grantId)
                .containsExactly(B, new UUID(0, 3));
    }

    @Test
    void movesGuaranteedSecondCopiesUntilTheDeadlineHasPassed() {
        List<Held> one = List.of(held(A, 0, GUARANTEED, Other.WHOLE));
        assertThat(RecallPolicy.plan(1, Time.AMPLE, one).steps())
                .containsExactly(new Move(A, List.of(new Slot(0, 1)), false));
        assertThat(RecallPolicy.plan(1, Time.OVER, one).steps())
                .containsExactly(new Drop(A, List.of(new Slot(0, 1))));
    }

    @Test
    void leavesALegWhoseOtherCopyIsNotWhole() {
        Plan plan = RecallPolicy.plan(1, Time.OVER, List.of(held(A, 0, SPOT, Other.PARTIAL)));
        assertThat(plan.steps()).isEmpty();
        assertThat(plan.missing()).isEqualTo(1);
    }

    @Test
    void theLastCopyOfTwoGetsAnotherAtHomeWhenTheTimeIsShort() {
        List<Held> last = List.of(held(A, 0, STANDARD, Other.GONE));
        assertThat(RecallPolicy.plan(1, Time.AMPLE, last).missing()).isEqualTo(1);
        assertThat(RecallPolicy.plan(1, Time.SHORT, last).steps())
                .containsExactly(new CopyHome(A, List.of(new Slot(0, 1))));
        assertThat(
                        RecallPolicy.plan(
                                        1, Time.SHORT, List.of(held(A, 0, GUARANTEED, Other.GONE)))
                                .steps())
                .isEmpty();
    }

    @Test
    void whatGetsACopyAtHomeIsUnderWay() {
        List<Held> held =
                List.of(held(A, 0, STANDARD, Other.COMING_HOME), held(B, 0, SPOT, Other.WHOLE));
        assertThat(RecallPolicy.plan(1, Time.SHORT, held).steps()).isEmpty();
        assertThat(RecallPolicy.plan(2, Time.SHORT, held).steps())
                .containsExactly(new Drop(B, List.of(new Slot(0, 1))));
    }

    @Test
    void spillsOnlyWhenTheTimeIsShort() {
        assertThat(spills(Time.AMPLE, SPOT, Other.NONE)).isFalse();
        assertThat(spills(Time.SHORT, SPOT, Other.NONE)).isTrue();
        assertThat(spills(Time.SHORT, STANDARD, Other.NONE)).isTrue();
        assertThat(spills(Time.SHORT, GUARANTEED, Other.NONE)).isFalse();
        assertThat(spills(Time.OVER, GUARANTEED, Other.NONE)).isTrue();
        assertThat(spills(Time.SHORT, GUARANTEED, Other.WHOLE)).isFalse();
    }

    private static boolean spills(Time time, NoticeClass notice, Other other) {
        Plan plan = RecallPolicy.plan(1, time, List.of(held(A, 0, notice, other)));
        return ((Move) plan.steps().getFirst()).orSpill();
    }

    @Test
    void theTimeIsShortFromItsHalf() {
        Instant began = Instant.EPOCH;
        Instant deadline = began.plusSeconds(60);
        assertThat(Time.at(began, began, deadline)).isEqualTo(Time.AMPLE);
        assertThat(Time.at(began.plusMillis(29_999), began, deadline)).isEqualTo(Time.AMPLE);
        assertThat(Time.at(began.plusSeconds(30), began, deadline)).isEqualTo(Time.SHORT);
        assertThat(Time.at(deadline, began, deadline)).isEqualTo(Time.SHORT);
        assertThat(Time.at(deadline.plusNanos(1), began, deadline)).isEqualTo(Time.OVER);
    }

    @Test
    void neverDropsTheLastWholeCopyAndNeverTakesMoreThanIsNeeded() {
        for (long seed = 1; seed <= 5_000; seed++) {
            Random random = new Random(seed);
            List<Held> held = new ArrayList<>();
            for (int extent = 0; extent < random.nextInt(20); extent++) {
                held.add(
                        new Held(
                                new UUID(0, random.nextInt(4)),
                                extent,
                                random.nextInt(2),
                                any(random, NoticeClass.values()),
                                any(random, Other.values()),
                                random.nextInt(5) > 0));
            }
            int wanted = random.nextInt(12);
            Time time = any(random, Time.values());
            Plan plan = RecallPolicy.plan(wanted, time, held);
            int given = plan.steps().stream().mapToInt(step -> step.legs().size()).sum();
            long coming = held.stream().filter(h -> h.other() == Other.COMING_HOME).count();
            assertThat(given + plan.missing())
                    .as("seed %d", seed)
                    .isEqualTo((int) Math.max(0, wanted - coming));
            assertThat(plan.steps().stream().map(RecallPolicy.Step::grantId).distinct())
                    .as("seed %d: two steps for one grant", seed)
                    .hasSize(plan.steps().size());
            for (RecallPolicy.Step step : plan.steps()) {
                Set<Slot> named = Set.copyOf(step.legs());
                List<Held> taken =
                        held.stream()
                                .filter(h -> h.grantId().equals(step.grantId()))
                                .filter(h -> named.contains(new Slot(h.extent(), h.leg())))
                                .collect(Collectors.toList());
                assertThat(taken).as("seed %d", seed).hasSameSizeAs(step.legs());
                assertThat(taken).as("seed %d", seed).allMatch(Held::changeable);
                if (step instanceof Drop) {
                    assertThat(taken).as("seed %d", seed).allMatch(h -> h.other() == Other.WHOLE);
                }
                if (step instanceof CopyHome) {
                    assertThat(time).as("seed %d", seed).isNotEqualTo(Time.AMPLE);
                    assertThat(taken).as("seed %d", seed).allMatch(h -> h.other() == Other.GONE);
                }
                if (step instanceof Move move && move.orSpill()) {
                    assertThat(time).as("seed %d", seed).isNotEqualTo(Time.AMPLE);
                    assertThat(taken)
                            .as("seed %d", seed)
                            .allMatch(h -> h.other() == Other.NONE)
                            .allMatch(h -> h.notice() != GUARANTEED || time == Time.OVER);
                }
            }
        }
    }

    private static <T> T any(Random random, T[] all) {
        return List.of(all).get(random.nextInt(all.length));
    }

    private static Held held(UUID grant, int extent, NoticeClass notice, Other other) {
        return new Held(grant, extent, 1, notice, other, true);
    }
}
