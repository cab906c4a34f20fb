package io.memfabric.broker.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import java.util.TreeSet;

/// What may happen to a grant in quarantine: a lender's table may be lost, and fences that were asked
/// for before may end.
final class QuarantineRule {

    private QuarantineRule() {}

    /// Whether a step is one within the quarantine: a release is its end, or the way there.
    static boolean concerns(GrantLife before, GrantEvent event, GrantLife.Step step) {
        return before.state() == GrantState.QUARANTINED
                && step.life().state() == GrantState.QUARANTINED
                && !(event instanceof GrantEvent.ReleaseRequested);
    }

    static void check(String seed, GrantLife before, GrantLife.Step step, Set<Integer> lost) {
        for (GrantAction action : step.actions()) {
            switch (action) {
                case GrantAction.Fence a ->
                        assertThat(owesFence(before, a.share())).as(seed).isTrue();
                case GrantAction.FreeRegions a ->
                        assertThat(owesFence(before, a.share())).as(seed).isTrue();
                case GrantAction.VoidRegions a -> assertThat(lost).as(seed).contains(a.share());
                case GrantAction.ReleaseFailed _, GrantAction.ShowProblem _ -> {}
                default -> throw new AssertionError(seed + ": " + action + " in quarantine");
            }
        }
        before.shares()
                .forEach(
                        (share, was) -> {
                            if (!was.owesFence() && !lost.contains(share)) {
                                assertThat(step.life().shares().get(share)).as(seed).isEqualTo(was);
                            }
                        });
    }

    /// What the device uses is kept, in the ledger and at its lenders.
    static void checkHeld(
            String seed,
            Set<Integer> inDevice,
            Set<Integer> lost,
            Set<Integer> heldInLedger,
            Set<Integer> claimedAtLender) {
        Set<Integer> kept = new TreeSet<>(inDevice);
        kept.removeAll(lost);
        assertThat(heldInLedger).as(seed).containsAll(kept);
        assertThat(claimedAtLender).as(seed).containsAll(kept);
    }

    private static boolean owesFence(GrantLife life, int share) {
        LenderState is = life.shares().get(share);
        return is != null && is.owesFence();
    }
}
