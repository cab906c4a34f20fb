package io.memfabric.broker.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/// Grants among lenders and borrowers that refuse, forget, repeat themselves and restart. A failure
/// prints the seed that makes it again.
class GrantLifeProperties {

    private static final int CASES = 20_000;
    private static final Failure NO = new Failure("no", "No.");

    @Test
    void neverFencesUnderADeviceAndAlwaysComesToAnEnd() {
        Set<GrantState> ends = EnumSet.noneOf(GrantState.class);
        for (long seed = 1; seed <= CASES; seed++) {
            ends.add(new World(seed).run());
        }
        assertThat(ends)
                .containsExactlyInAnyOrder(
                        GrantState.ACTIVE, GrantState.RELEASED, GrantState.FAILED);
    }

    /// The hosts as they really are, whatever the ledger believes.
    private static final class World {
        private final String seed;
        private final Random random;
        private final Map<UUID, ArrayDeque<GrantAction>> inboxes = new HashMap<>();
        private final ArrayDeque<GrantAction> borrowerInbox = new ArrayDeque<>();
        private final Set<UUID> claimedAtLender = new TreeSet<>();
        private final Set<UUID> heldInLedger = new TreeSet<>();
        private final Set<UUID> lost = new TreeSet<>();
        private final boolean kindEnd;
        private boolean device;
        private boolean createOpen = true;
        private boolean releaseOpen;
        private GrantLife life;

        World(long seed) {
            this.seed = "seed " + seed;
            this.random = new Random(seed);
            int count = 1 + random.nextInt(4);
            List<UUID> lenders = new ArrayList<>();
            for (int i = 0; i < count; i++) {
                lenders.add(new UUID(0, i));
                inboxes.put(new UUID(0, i), new ArrayDeque<>());
            }
            heldInLedger.addAll(lenders);
            GrantLife.Step first = GrantLife.begin(lenders);
            life = first.life();
            first.actions().forEach(this::perform);
            kindEnd = random.nextBoolean();
        }

        GrantState run() {
            for (int i = 0; i < 60; i++) {
                disturb();
            }
            if (kindEnd) {
                release();
            }
            for (int i = 0; i < 200 && hasMail(); i++) {
                deliver(false);
            }
            assertThat(hasMail()).as(seed).isFalse();
            assertThat(createOpen).as(seed).isFalse();
            assertThat(releaseOpen).as(seed).isFalse();
            boolean over = life.state() != GrantState.ACTIVE;
            if (over && !device) {
                assertThat(heldInLedger).as(seed).isEmpty();
                assertThat(life.isReleasable()).as(seed).isFalse();
            }
            return life.state();
        }

        private void disturb() {
            int dice = random.nextInt(100);
            if (dice < 70) {
                deliver(true);
            } else if (dice < 80) {
                release();
            } else if (dice < 82) {
                UUID lender = new UUID(0, random.nextInt(inboxes.size()));
                lost.add(lender);
                claimedAtLender.remove(lender);
                inboxes.getOrDefault(lender, new ArrayDeque<>()).clear();
                happen(new GrantEvent.LenderLost(lender));
            } else if (dice < 90) {
                UUID lender = new UUID(0, random.nextInt(inboxes.size()));
                if (inboxes.getOrDefault(lender, new ArrayDeque<>()).isEmpty()) {
                    happen(new GrantEvent.FenceUnasked(lender));
                }
            } else {
                echo();
            }
        }

        /// An answer that comes a second time, or far too late.
        private void echo() {
            UUID lender = new UUID(0, random.nextInt(inboxes.size()));
            LenderState now = life.lenders().get(lender);
            if (now == LenderState.READY) {
                happen(new GrantEvent.Prepared(lender));
            } else if (now == LenderState.FENCED) {
                happen(new GrantEvent.Fenced(lender));
            }
            if (life.state() == GrantState.ACTIVE || life.state() == GrantState.DRAINING) {
                happen(new GrantEvent.Attached());
            }
        }

        private void release() {
            if (!releaseOpen && life.isReleasable()) {
                releaseOpen = true;
                happen(new GrantEvent.ReleaseRequested());
            }
        }

        private boolean hasMail() {
            return !borrowerInbox.isEmpty()
                    || inboxes.values().stream().anyMatch(inbox -> !inbox.isEmpty());
        }

        private void deliver(boolean mayRefuse) {
            int host = random.nextInt(inboxes.size() + 1);
            if (host == inboxes.size()) {
                GrantAction mail = borrowerInbox.poll();
                if (mail != null) {
                    borrower(mail, mayRefuse && random.nextInt(4) == 0);
                }
                return;
            }
            UUID lender = new UUID(0, host);
            GrantAction mail = inboxes.getOrDefault(lender, new ArrayDeque<>()).poll();
            if (mail != null) {
                lender(lender, mail, mayRefuse && random.nextInt(6) == 0);
            }
        }

        private void borrower(GrantAction mail, boolean refuse) {
            if (mail instanceof GrantAction.Attach) {
                device = !refuse;
                happen(refuse ? new GrantEvent.AttachRefused(NO) : new GrantEvent.Attached());
            } else {
                boolean keeps = refuse && device;
                device = keeps;
                happen(keeps ? new GrantEvent.DetachRefused(NO) : new GrantEvent.Detached());
            }
        }

        private void lender(UUID lender, GrantAction mail, boolean refuse) {
            if (mail instanceof GrantAction.Prepare) {
                if (refuse) {
                    happen(new GrantEvent.PrepareRefused(lender, NO));
                } else {
                    claimedAtLender.add(lender);
                    happen(new GrantEvent.Prepared(lender));
                }
            } else {
                assertThat(device).as(seed + ": fenced under the device").isFalse();
                claimedAtLender.remove(lender);
                happen(new GrantEvent.Fenced(lender));
            }
        }

        private void happen(GrantEvent event) {
            GrantLife.Step step = life.on(event);
            life = step.life();
            step.actions().forEach(this::perform);
        }

        private void perform(GrantAction action) {
            switch (action) {
                case GrantAction.Prepare a -> inbox(a.lender()).add(a);
                case GrantAction.Fence a -> {
                    assertThat(life.device()).as(seed).isEqualTo(DeviceState.ABSENT);
                    assertThat(lost).as(seed).doesNotContain(a.lender());
                    inbox(a.lender()).add(a);
                }
                case GrantAction.Attach a -> borrowerInbox.add(a);
                case GrantAction.Detach a -> borrowerInbox.add(a);
                case GrantAction.FreeRegions a -> {
                    assertThat(claimedAtLender).as(seed).doesNotContain(a.lender());
                    assertThat(heldInLedger.remove(a.lender())).as(seed).isTrue();
                }
                case GrantAction.VoidRegions a ->
                        assertThat(heldInLedger.remove(a.lender())).as(seed).isTrue();
                case GrantAction.CreationDone _, GrantAction.CreationFailed _ -> {
                    assertThat(createOpen).as(seed).isTrue();
                    createOpen = false;
                }
                case GrantAction.ReleaseDone _, GrantAction.ReleaseFailed _ -> releaseOpen = false;
                case GrantAction.ShowProblem _ -> {}
            }
        }

        private ArrayDeque<GrantAction> inbox(UUID lender) {
            return inboxes.computeIfAbsent(lender, _ -> new ArrayDeque<>());
        }
    }
}
