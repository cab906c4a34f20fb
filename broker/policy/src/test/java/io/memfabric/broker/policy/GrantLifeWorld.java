package io.memfabric.broker.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;

/// The hosts as they really are, whatever the ledger believes.
final class GrantLifeWorld {

    private static final int MOST_SHARES = 30;
    private static final Failure NO = new Failure("no", "No.");
    private static final UUID HOST = new UUID(0, 0);

    private final String seed;
    private final Random random;
    private final SortedMap<Integer, ArrayDeque<GrantAction>> inboxes = new TreeMap<>();
    private final ArrayDeque<GrantAction> borrowerInbox = new ArrayDeque<>();
    private final Set<Integer> claimedAtLender = new TreeSet<>();
    private final Set<Integer> heldInLedger = new TreeSet<>();
    private final Set<Integer> lost = new TreeSet<>();

    // What the ledger believes to be in each place, and what is to come.
    private final List<Integer> places = new ArrayList<>();
    private final SortedMap<Integer, Integer> coming = new TreeMap<>();
    // What the device really uses.
    private final Set<Integer> inDevice = new TreeSet<>();
    private final Set<Integer> whole = new TreeSet<>();
    // What the borrower is asked to go on without, and what it does go on without.
    private final Set<Integer> leaving = new TreeSet<>();
    private final Set<Integer> dropped = new TreeSet<>();
    int drops;
    int quarantined;
    private final boolean mirrored;
    private final boolean kindEnd;
    private final boolean operatorComes;
    private boolean device;
    private boolean createOpen = true;
    private boolean releaseOpen;
    int repaired;
    private GrantLife life;

    GrantLifeWorld(long seed, boolean mirrored) {
        this.seed = "seed " + seed;
        this.random = new Random(seed);
        this.mirrored = mirrored;
        int count = mirrored ? 2 + random.nextInt(3) : 1 + random.nextInt(4);
        for (int share = 0; share < count; share++) {
            addShare(share);
            places.add(share);
        }
        GrantLife.Step first = GrantLife.begin(count, mirrored);
        life = first.life();
        first.actions().forEach(this::perform);
        kindEnd = random.nextBoolean();
        operatorComes = random.nextInt(4) > 0;
    }

    private void addShare(int share) {
        inboxes.put(share, new ArrayDeque<>());
        heldInLedger.add(share);
    }

    GrantState run() {
        // Most mirrored grants begin in peace: what comes later is the question.
        while (mirrored && random.nextInt(50) > 0 && hasMail()) {
            deliver(false);
        }
        for (int i = 0; i < 60; i++) {
            disturb();
        }
        if (kindEnd) {
            release();
        }
        // From here on nobody refuses, nothing is lost and there is room.
        for (int i = 0; i < 400 && !isAtRest(); i++) {
            deliver(false);
            repair();
            heal();
            report();
            if (operatorComes) {
                happen(new GrantEvent.Trusted());
            }
        }
        assertThat(isAtRest()).as(seed + " " + life).isTrue();
        assertThat(createOpen).as(seed).isFalse();
        assertThat(releaseOpen).as(seed).isFalse();
        boolean live = life.state() == GrantState.ACTIVE || life.state() == GrantState.DEGRADED;
        if (live) {
            assertThat(inDevice)
                    .as(seed + " " + life)
                    .containsExactlyInAnyOrderElementsOf(
                            places.stream().filter(p -> !dropped.contains(p)).toList());
            assertThat(coming).as(seed).isEmpty();
            if (mirrored) {
                assertThat(life.state() == GrantState.ACTIVE)
                        .as(seed + " " + life)
                        .isEqualTo(isSound());
                assertThat(heldInLedger).as(seed).isSubsetOf(places);
            }
        } else if (life.state() == GrantState.QUARANTINED) {
            assertThat(device && !operatorComes).as(seed).isTrue();
            QuarantineRule.checkHeld(seed, inDevice, lost, heldInLedger, claimedAtLender);
        } else if (!device) {
            assertThat(heldInLedger).as(seed).isEmpty();
            assertThat(life.isReleasable()).as(seed).isFalse();
        }
        return life.state();
    }

    private boolean isAtRest() {
        return !hasMail()
                && life.repair() == RepairState.NONE
                && !(life.state() == GrantState.QUARANTINED && operatorComes)
                && !(mirrored && life.state() == GrantState.ACTIVE && !isSound())
                && !(life.state() == GrantState.DEGRADED && (isHelpable() || isSound()));
    }

    private boolean isSound() {
        return whole.containsAll(places);
    }

    /// Whether something that is lost could be copied from something that is not.
    private boolean isHelpable() {
        return places.stream().anyMatch(this::isGone) && places.stream().anyMatch(p -> !isGone(p));
    }

    private boolean isGone(int share) {
        return lost.contains(share) || dropped.contains(share);
    }

    private void disturb() {
        int dice = random.nextInt(100);
        if (dice < 60) {
            deliver(true);
        } else if (dice < 64) {
            if (!mirrored || random.nextInt(4) == 0) {
                release();
            }
        } else if (dice < 68) {
            lose(random.nextInt(inboxes.size()));
        } else if (dice < 76) {
            int share = random.nextInt(inboxes.size());
            if (inbox(share).isEmpty()) {
                happen(new GrantEvent.FenceUnasked(share));
            }
        } else if (dice < 82) {
            LateAnswers.of(life, random.nextInt(inboxes.size())).forEach(this::happen);
        } else if (dice < 88) {
            breakLeg();
        } else if (dice < 90) {
            recall();
        } else if (dice < 91) {
            happen(random.nextBoolean() ? new GrantEvent.Doubted(NO) : new GrantEvent.Trusted());
        } else if (dice < 93) {
            heal();
        } else if (dice < 96) {
            repair();
        } else {
            report();
        }
    }

    private void lose(int share) {
        lost.add(share);
        whole.remove(share);
        claimedAtLender.remove(share);
        inbox(share).clear();
        happen(new GrantEvent.LenderLost(share, HOST));
    }

    private void breakLeg() {
        if (mirrored && !inDevice.isEmpty()) {
            whole.remove(List.copyOf(inDevice).get(random.nextInt(inDevice.size())));
        }
    }

    /// Resyncs what is not lost, if anything is whole.
    private void heal() {
        inDevice.stream().filter(share -> !lost.contains(share)).forEach(whole::add);
    }

    private void report() {
        if (device) {
            happen(new GrantEvent.CopiesReported(isSound()));
        }
    }

    /// What the server does every second.
    private void repair() {
        List<Integer> gaps = new ArrayList<>();
        for (int place = 0; place < places.size(); place++) {
            int share = places.get(place);
            boolean silent = !whole.contains(share) && random.nextInt(3) == 0;
            if (isGone(share) || silent) {
                gaps.add(place);
            }
        }
        boolean hopeless = places.stream().allMatch(this::isGone);
        if (!life.isRepairable() || gaps.isEmpty() || inboxes.size() >= MOST_SHARES) {
            return;
        }
        if (hopeless) {
            happen(new GrantEvent.RepairHindered(NO));
            return;
        }
        Set<Integer> placed = new TreeSet<>();
        int next = life.shares().lastKey() + 1;
        for (int place : gaps) {
            coming.put(place, next);
            placed.add(next);
            addShare(next);
            next++;
        }
        happen(new GrantEvent.RepairPlaced(placed));
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
        GrantAction mail = inbox(host).poll();
        if (mail != null) {
            lender(host, mail, mayRefuse && random.nextInt(6) == 0);
        }
    }

    private void borrower(GrantAction mail, boolean refuse) {
        if (mail instanceof GrantAction.Attach) {
            device = !refuse;
            if (device) {
                inDevice.addAll(places);
                places.stream().filter(p -> !lost.contains(p)).forEach(whole::add);
            }
            happen(refuse ? new GrantEvent.AttachRefused(NO) : new GrantEvent.Attached());
        } else if (mail instanceof GrantAction.ReplaceLegs) {
            replace(refuse);
        } else if (mail instanceof GrantAction.DropLegs) {
            drop(refuse);
        } else {
            boolean keeps = refuse && device;
            device = keeps;
            if (!device) {
                inDevice.clear();
            }
            happen(keeps ? new GrantEvent.DetachRefused(NO) : new GrantEvent.Detached());
        }
    }

    /// The borrower is the judge: it keeps a leg that it needs.
    private void drop(boolean refuse) {
        Set<Integer> named = new TreeSet<>(leaving);
        leaving.clear();
        boolean needed =
                device && inDevice.stream().noneMatch(s -> !named.contains(s) && whole.contains(s));
        if (refuse || needed) {
            happen(new GrantEvent.DropRefused(NO));
            return;
        }
        inDevice.removeAll(named);
        whole.removeAll(named);
        dropped.addAll(named);
        drops++;
        happen(new GrantEvent.LegsDropped());
    }

    /// What the server does for a lender that needs its memory back.
    private void recall() {
        int place = random.nextInt(places.size());
        int share = places.get(place);
        if (!life.isRecallable()
                || life.shares().get(share) != LenderState.READY
                || inboxes.size() >= MOST_SHARES) {
            return;
        }
        if (mirrored && random.nextBoolean()) {
            happen(new GrantEvent.DropWanted(Set.of(share)));
            return;
        }
        int next = life.shares().lastKey() + 1;
        coming.put(place, next);
        addShare(next);
        happen(new GrantEvent.MovePlaced(Set.of(next)));
        assertThat(life.state()).as(seed).isEqualTo(GrantState.RECALLING);
    }

    /// What the borrower does, and what the server makes of its answer.
    private void replace(boolean refuse) {
        Set<Integer> joining = new TreeSet<>(coming.values());
        if (refuse) {
            happen(new GrantEvent.ReplaceRefused(joining, NO));
            return;
        }
        Set<Integer> departed = new TreeSet<>();
        coming.forEach(
                (place, share) -> {
                    departed.add(places.get(place));
                    places.set(place, share);
                });
        coming.clear();
        inDevice.removeAll(departed);
        inDevice.addAll(joining);
        repaired++;
        happen(new GrantEvent.LegsReplaced(joining, departed));
    }

    private void lender(int share, GrantAction mail, boolean refuse) {
        if (mail instanceof GrantAction.Prepare) {
            if (refuse) {
                happen(new GrantEvent.PrepareRefused(share, NO));
            } else {
                claimedAtLender.add(share);
                happen(new GrantEvent.Prepared(share));
            }
        } else {
            assertThat(inDevice).as(seed + ": fenced under the device").doesNotContain(share);
            claimedAtLender.remove(share);
            happen(new GrantEvent.Fenced(share));
        }
    }

    private void happen(GrantEvent event) {
        GrantLife.Step step = life.on(event);
        if (QuarantineRule.concerns(life, event, step)) {
            QuarantineRule.check(seed, life, step, lost);
            quarantined++;
        }
        life = step.life();
        step.actions().forEach(this::perform);
    }

    private void perform(GrantAction action) {
        switch (action) {
            case GrantAction.Prepare a -> inbox(a.share()).add(a);
            case GrantAction.Fence a -> {
                assertThat(inDevice).as(seed).doesNotContain(a.share());
                assertThat(lost).as(seed).doesNotContain(a.share());
                inbox(a.share()).add(a);
            }
            case GrantAction.Attach a -> borrowerInbox.add(a);
            case GrantAction.Detach a -> borrowerInbox.add(a);
            case GrantAction.ReplaceLegs a -> {
                assertThat(coming).as(seed).isNotEmpty();
                borrowerInbox.add(a);
            }
            case GrantAction.DropLegs a -> {
                life.shares()
                        .forEach(
                                (share, is) -> {
                                    if (is == LenderState.LEAVING) {
                                        leaving.add(share);
                                    }
                                });
                assertThat(leaving).as(seed).isNotEmpty();
                borrowerInbox.add(a);
            }
            case GrantAction.GiveUpNewLegs _ -> coming.clear();
            case GrantAction.FreeRegions a -> {
                assertThat(claimedAtLender).as(seed).doesNotContain(a.share());
                assertThat(heldInLedger.remove(a.share())).as(seed).isTrue();
            }
            case GrantAction.VoidRegions a ->
                    assertThat(heldInLedger.remove(a.share())).as(seed).isTrue();
            case GrantAction.CreationDone _, GrantAction.CreationFailed _ -> {
                assertThat(createOpen).as(seed).isTrue();
                createOpen = false;
            }
            case GrantAction.ReleaseDone _, GrantAction.ReleaseFailed _ -> releaseOpen = false;
            case GrantAction.ShowProblem _, GrantAction.ClearProblem _ -> {}
        }
    }

    private ArrayDeque<GrantAction> inbox(int share) {
        return inboxes.computeIfAbsent(share, _ -> new ArrayDeque<>());
    }
}
