package io.memfabric.broker.policy;

import static org.assertj.core.api.Assertions.assertThat;

import io.memfabric.broker.policy.GrantAction.Attach;
import io.memfabric.broker.policy.GrantAction.ClearProblem;
import io.memfabric.broker.policy.GrantAction.CreationDone;
import io.memfabric.broker.policy.GrantAction.CreationFailed;
import io.memfabric.broker.policy.GrantAction.Detach;
import io.memfabric.broker.policy.GrantAction.Fence;
import io.memfabric.broker.policy.GrantAction.FreeRegions;
import io.memfabric.broker.policy.GrantAction.GiveUpNewLegs;
import io.memfabric.broker.policy.GrantAction.Prepare;
import io.memfabric.broker.policy.GrantAction.ReleaseDone;
import io.memfabric.broker.policy.GrantAction.ReleaseFailed;
import io.memfabric.broker.policy.GrantAction.ReplaceLegs;
import io.memfabric.broker.policy.GrantAction.ShowProblem;
import io.memfabric.broker.policy.GrantAction.VoidRegions;
import io.memfabric.broker.policy.GrantEvent.AttachRefused;
import io.memfabric.broker.policy.GrantEvent.Attached;
import io.memfabric.broker.policy.GrantEvent.CopiesReported;
import io.memfabric.broker.policy.GrantEvent.DetachRefused;
import io.memfabric.broker.policy.GrantEvent.Detached;
import io.memfabric.broker.policy.GrantEvent.FenceRefused;
import io.memfabric.broker.policy.GrantEvent.FenceUnasked;
import io.memfabric.broker.policy.GrantEvent.Fenced;
import io.memfabric.broker.policy.GrantEvent.LegsReplaced;
import io.memfabric.broker.policy.GrantEvent.LenderLost;
import io.memfabric.broker.policy.GrantEvent.PrepareRefused;
import io.memfabric.broker.policy.GrantEvent.Prepared;
import io.memfabric.broker.policy.GrantEvent.ReleaseRequested;
import io.memfabric.broker.policy.GrantEvent.RepairHindered;
import io.memfabric.broker.policy.GrantEvent.RepairPlaced;
import io.memfabric.broker.policy.GrantEvent.ReplaceRefused;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

class GrantLifeTest {

    private static final int A = 0;
    private static final int B = 1;
    private static final int C = 2;
    private static final UUID HOST = new UUID(0, 1);
    private static final Failure NO = new Failure("no", "No.");

    @Test
    void beginsByAskingEveryLender() {
        GrantLife.Step step = GrantLife.begin(2, false);
        assertThat(step.life().state()).isEqualTo(GrantState.RESERVED);
        assertThat(step.actions()).containsExactly(new Prepare(A), new Prepare(B));
    }

    @Test
    void attachesOnlyWhenEveryLenderIsReady() {
        assertThat(actions(new Prepared(A))).isEmpty();
        assertThat(actions(new Prepared(A), new Prepared(A))).isEmpty();
        assertThat(actions(new Prepared(A), new Prepared(B))).containsExactly(new Attach());
    }

    @Test
    void isActiveWhenTheVmHasTheDevice() {
        assertThat(state(new Prepared(A), new Prepared(B), new Attached()))
                .isEqualTo(GrantState.ACTIVE);
        assertThat(actions(new Prepared(A), new Prepared(B), new Attached()))
                .containsExactly(new CreationDone());
    }

    @Test
    void fencesEveryLenderWhenOneRefuses() {
        assertThat(actions(new Prepared(A), new PrepareRefused(B, NO)))
                .containsExactly(
                        new CreationFailed(NO), new ShowProblem(NO), new Fence(A), new Fence(B));
        assertThat(state(new Prepared(A), new PrepareRefused(B, NO))).isEqualTo(GrantState.FAILED);
    }

    @Test
    void takesTheDeviceAwayBeforeItFencesAfterARefusedAttach() {
        assertThat(actions(new Prepared(A), new Prepared(B), new AttachRefused(NO)))
                .containsExactly(new CreationFailed(NO), new ShowProblem(NO), new Detach());
        assertThat(actions(new Prepared(A), new Prepared(B), new AttachRefused(NO), new Detached()))
                .containsExactly(new Fence(A), new Fence(B));
    }

    @Test
    void releasesInOrder() {
        GrantLife active = life(new Prepared(A), new Prepared(B), new Attached());
        GrantLife.Step draining = active.on(new ReleaseRequested());
        assertThat(draining.actions()).containsExactly(new Detach());
        GrantLife.Step fenced = draining.life().on(new Detached());
        assertThat(fenced.life().state()).isEqualTo(GrantState.FENCED);
        assertThat(fenced.actions()).containsExactly(new Fence(A), new Fence(B));
        GrantLife.Step half = fenced.life().on(new Fenced(B));
        assertThat(half.actions()).containsExactly(new FreeRegions(B));
        GrantLife.Step released = half.life().on(new Fenced(A));
        assertThat(released.actions()).containsExactly(new FreeRegions(A), new ReleaseDone());
        assertThat(released.life().state()).isEqualTo(GrantState.RELEASED);
        assertThat(released.life().isReleasable()).isFalse();
    }

    @Test
    void isActiveAgainWhenTheGuestKeepsTheDevice() {
        GrantLife.Step step =
                life(new Prepared(A), new Prepared(B), new Attached(), new ReleaseRequested())
                        .on(new DetachRefused(NO));
        assertThat(step.life().state()).isEqualTo(GrantState.ACTIVE);
        assertThat(step.actions()).containsExactly(new ReleaseFailed(NO));
        assertThat(step.life().on(new ReleaseRequested()).actions()).containsExactly(new Detach());
    }

    @Test
    void cancelsACreationThatIsReleased() {
        assertThat(actions(new Prepared(A), new ReleaseRequested())).last().isEqualTo(new Fence(B));
        assertThat(state(new Prepared(A), new ReleaseRequested())).isEqualTo(GrantState.FENCED);
        assertThat(actions(new Prepared(A), new Prepared(B), new ReleaseRequested()))
                .last()
                .isEqualTo(new Detach());
    }

    @Test
    void ignoresAnAttachThatComesAfterItsRelease() {
        GrantLife draining = life(new Prepared(A), new Prepared(B), new ReleaseRequested());
        assertThat(draining.on(new Attached())).isEqualTo(new GrantLife.Step(draining, List.of()));
        assertThat(draining.on(new AttachRefused(NO)).actions()).isEmpty();
    }

    @Test
    void keepsAnActiveGrantThatLostALegAndSaysSo() {
        GrantLife.Step step =
                life(new Prepared(A), new Prepared(B), new Attached()).on(new LenderLost(A, HOST));
        assertThat(step.life().state()).isEqualTo(GrantState.ACTIVE);
        assertThat(step.actions()).first().isEqualTo(new VoidRegions(A));
        assertThat(step.actions())
                .last()
                .isInstanceOfSatisfying(
                        ShowProblem.class,
                        p -> assertThat(p.failure().code()).isEqualTo("leg_lost"));
        GrantLife.Step fenced = step.life().on(new ReleaseRequested()).life().on(new Detached());
        assertThat(fenced.actions()).containsExactly(new Fence(B));
    }

    @Test
    void failsACreationWhoseLenderIsLost() {
        GrantLife.Step step = life(new Prepared(A)).on(new LenderLost(B, HOST));
        assertThat(step.life().state()).isEqualTo(GrantState.FAILED);
        assertThat(step.actions()).contains(new VoidRegions(B), new Fence(A));
        assertThat(step.actions()).doesNotContain(new Fence(B));
    }

    @Test
    void countsAFenceAtALostTableAsDone() {
        GrantLife fenced =
                life(
                        new Prepared(A),
                        new Prepared(B),
                        new Attached(),
                        new ReleaseRequested(),
                        new Detached(),
                        new Fenced(A));
        GrantLife.Step step = fenced.on(new LenderLost(B, HOST));
        assertThat(step.life().state()).isEqualTo(GrantState.RELEASED);
        assertThat(step.actions()).containsExactly(new VoidRegions(B), new ReleaseDone());
    }

    @Test
    void asksAgainForAFenceThatNobodyAsksFor() {
        GrantLife failed = life(new PrepareRefused(A, NO));
        assertThat(failed.on(new FenceRefused(B, NO)).actions())
                .containsExactly(new ShowProblem(NO));
        assertThat(failed.on(new FenceUnasked(B)).actions()).containsExactly(new Fence(B));
        assertThat(failed.on(new Fenced(B)).life().on(new FenceUnasked(B)).actions()).isEmpty();
    }

    @Test
    void releasesAFailedGrantWhoseDeviceStayed() {
        GrantLife failed =
                life(
                        new Prepared(A),
                        new Prepared(B),
                        new AttachRefused(NO),
                        new DetachRefused(NO));
        assertThat(failed.state()).isEqualTo(GrantState.FAILED);
        assertThat(failed.isReleasable()).isTrue();
        GrantLife.Step again = failed.on(new ReleaseRequested());
        assertThat(again.actions()).containsExactly(new Detach());
        GrantLife clean =
                again.life()
                        .on(new Detached())
                        .life()
                        .on(new Fenced(A))
                        .life()
                        .on(new Fenced(B))
                        .life();
        assertThat(clean.isReleasable()).isFalse();
        assertThat(clean.state()).isEqualTo(GrantState.FAILED);
    }

    @Test
    void livesOnDegradedWhenAMirroredGrantLosesALender() {
        GrantLife.Step step = mirrored().on(new LenderLost(A, HOST));
        assertThat(step.life().state()).isEqualTo(GrantState.DEGRADED);
        assertThat(step.actions()).first().isEqualTo(new VoidRegions(A));
        assertThat(step.life().isRepairable()).isTrue();
        assertThat(step.life().on(new CopiesReported(true)).life().state())
                .isEqualTo(GrantState.DEGRADED);
    }

    @Test
    void isActiveAgainWhenItsLostLegsAreReplacedAndWhole() {
        GrantLife degraded = mirrored().on(new LenderLost(A, HOST)).life();
        GrantLife.Step placed = degraded.on(new RepairPlaced(Set.of(C)));
        assertThat(placed.actions()).containsExactly(new Prepare(C));
        GrantLife.Step joining = placed.life().on(new Prepared(C));
        assertThat(joining.actions()).containsExactly(new ReplaceLegs());
        GrantLife.Step replaced = joining.life().on(new LegsReplaced(Set.of(C), Set.of(A)));
        assertThat(replaced.actions()).isEmpty();
        assertThat(replaced.life().state()).isEqualTo(GrantState.DEGRADED);
        assertThat(replaced.life().on(new CopiesReported(false)).life()).isEqualTo(replaced.life());
        GrantLife.Step whole = replaced.life().on(new CopiesReported(true));
        assertThat(whole.life().state()).isEqualTo(GrantState.ACTIVE);
        assertThat(whole.actions()).containsExactly(new ClearProblem());
    }

    @Test
    void fencesASilentLenderOnlyWhenTheDeviceDoesNotUseItAnyMore() {
        GrantLife.Step degraded = mirrored().on(new CopiesReported(false));
        assertThat(degraded.life().state()).isEqualTo(GrantState.DEGRADED);
        GrantLife joining =
                degraded.life().on(new RepairPlaced(Set.of(C))).life().on(new Prepared(C)).life();
        assertThat(joining.shares().get(A)).isEqualTo(LenderState.READY);
        GrantLife.Step replaced = joining.on(new LegsReplaced(Set.of(C), Set.of(A)));
        assertThat(replaced.actions()).containsExactly(new Fence(A));
    }

    @Test
    void givesUpARoundWhenALenderRefuses() {
        GrantLife degraded = mirrored().on(new LenderLost(A, HOST)).life();
        GrantLife.Step refused =
                degraded.on(new RepairPlaced(Set.of(2, 3)))
                        .life()
                        .on(new Prepared(3))
                        .life()
                        .on(new PrepareRefused(C, NO));
        assertThat(refused.actions())
                .containsExactly(
                        new ShowProblem(NO), new GiveUpNewLegs(), new Fence(C), new Fence(3));
        assertThat(refused.life().isRepairable()).isTrue();
    }

    @Test
    void fencesTheNewLegsThatTheBorrowerRefuses() {
        GrantLife joining = joining();
        assertThat(joining.on(new ReplaceRefused(Set.of(C), NO)).actions())
                .containsExactly(new ShowProblem(NO), new GiveUpNewLegs(), new Fence(C));
    }

    @Test
    void repairsAgainWhatIsLostWhileTheBorrowerIsAsked() {
        GrantLife lost = joining().on(new LenderLost(C, HOST)).life();
        GrantLife replaced = lost.on(new LegsReplaced(Set.of(C), Set.of(A))).life();
        assertThat(replaced.shares().get(C)).isEqualTo(LenderState.LOST);
        assertThat(replaced.isRepairable()).isTrue();
        GrantLife refused = lost.on(new ReplaceRefused(Set.of(C), NO)).life();
        assertThat(refused.shares().get(C)).isEqualTo(LenderState.GONE);
    }

    @Test
    void releasesADegradedGrant() {
        GrantLife degraded = mirrored().on(new LenderLost(A, HOST)).life();
        GrantLife.Step coming =
                degraded.on(new RepairPlaced(Set.of(C))).life().on(new ReleaseRequested());
        assertThat(coming.actions())
                .containsExactly(new Detach(), new GiveUpNewLegs(), new Fence(C));
        GrantLife.Step gone = coming.life().on(new Detached());
        assertThat(gone.actions()).containsExactly(new Fence(B));
        GrantLife.Step released = gone.life().on(new Fenced(C)).life().on(new Fenced(B));
        assertThat(released.life().state()).isEqualTo(GrantState.RELEASED);
    }

    @Test
    void isDegradedAgainWhenTheGuestKeepsTheDeviceOfADegradedGrant() {
        GrantLife draining = joining().on(new ReleaseRequested()).life();
        GrantLife.Step kept = draining.on(new DetachRefused(NO));
        assertThat(kept.life().state()).isEqualTo(GrantState.DEGRADED);
        assertThat(kept.life().on(new LegsReplaced(Set.of(C), Set.of(A))).life().repair())
                .isEqualTo(RepairState.NONE);
    }

    @Test
    void stopsARepairWhenTheSilentLenderIsBackWithEverything() {
        GrantLife coming =
                mirrored()
                        .on(new CopiesReported(false))
                        .life()
                        .on(new RepairPlaced(Set.of(C)))
                        .life();
        GrantLife.Step whole = coming.on(new CopiesReported(true));
        assertThat(whole.life().state()).isEqualTo(GrantState.ACTIVE);
        assertThat(whole.actions())
                .containsExactly(new ClearProblem(), new GiveUpNewLegs(), new Fence(C));
    }

    @Test
    void keepsWhatIsLeftWhenEveryCopyIsLost() {
        GrantLife lost = mirrored().on(new LenderLost(A, HOST)).life();
        GrantLife.Step both = lost.on(new LenderLost(B, HOST));
        assertThat(both.life().state()).isEqualTo(GrantState.DEGRADED);
        GrantLife.Step told = both.life().on(new RepairHindered(NO));
        assertThat(told.actions()).containsExactly(new ShowProblem(NO));
        assertThat(told.life()).isEqualTo(both.life());
        GrantLife.Step released = both.life().on(new ReleaseRequested()).life().on(new Detached());
        assertThat(released.life().state()).isEqualTo(GrantState.RELEASED);
    }

    private static GrantLife mirrored() {
        GrantLife life = GrantLife.begin(2, true).life();
        for (GrantEvent event : List.of(new Prepared(A), new Prepared(B), new Attached())) {
            life = life.on(event).life();
        }
        return life;
    }

    /// A mirrored grant that lost its first lender and has asked the borrower to use a third.
    private static GrantLife joining() {
        return mirrored()
                .on(new LenderLost(A, HOST))
                .life()
                .on(new RepairPlaced(Set.of(C)))
                .life()
                .on(new Prepared(C))
                .life();
    }

    private static GrantLife life(GrantEvent... events) {
        GrantLife life = GrantLife.begin(2, false).life();
        for (GrantEvent event : events) {
            life = life.on(event).life();
        }
        return life;
    }

    private static GrantState state(GrantEvent... events) {
        return life(events).state();
    }

    /// The actions of the last event.
    private static List<GrantAction> actions(GrantEvent... events) {
        GrantLife life = GrantLife.begin(2, false).life();
        List<GrantAction> actions = List.of();
        for (GrantEvent event : events) {
            GrantLife.Step step = life.on(event);
            life = step.life();
            actions = step.actions();
        }
        return actions;
    }
}
