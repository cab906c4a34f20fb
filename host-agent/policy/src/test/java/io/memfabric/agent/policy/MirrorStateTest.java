package io.memfabric.agent.policy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.memfabric.agent.policy.MirrorState.Action;
import io.memfabric.agent.policy.MirrorState.Event;
import io.memfabric.agent.policy.MirrorState.Reach;
import io.memfabric.agent.policy.MirrorState.Standing;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class MirrorStateTest {

    private static final MirrorState WHOLE = MirrorState.of(Standing.IN_SYNC, Standing.IN_SYNC);

    private static MirrorState after(MirrorState state, Event... events) {
        MirrorState now = state;
        for (Event event : events) {
            now = now.on(event).next();
        }
        return now;
    }

    @Test
    void aWriteNeedsBothLegsWhileBothAreInSync() {
        assertThat(WHOLE.isAcknowledged(3)).isTrue();
        assertThat(WHOLE.isAcknowledged(1)).isFalse();
        assertThat(WHOLE.isAcknowledged(2)).isFalse();
    }

    @Test
    void aSingleLegAcknowledgesOnlyAfterThatWasRecorded() {
        MirrorState.Step broke = WHOLE.on(new Event.Broke(0));
        assertThat(broke.actions())
                .containsExactly(new Action.Journal(Standing.OUT, Standing.IN_SYNC));
        assertThat(broke.next().isAcknowledged(2)).isFalse();
        assertThat(after(broke.next(), new Event.Recorded()).isAcknowledged(2)).isTrue();
    }

    @Test
    void theLastCopyStaysInSyncAndEverythingWaitsForIt() {
        MirrorState both = after(WHOLE, new Event.Broke(0), new Event.Broke(1));
        assertThat(both.second().standing()).isEqualTo(Standing.IN_SYNC);
        assertThat(both.readable()).isZero();
        assertThat(both.writable()).isZero();
        MirrorState staleBack = after(both, new Event.Back(0));
        assertThat(staleBack.first().standing()).isEqualTo(Standing.OUT);
        assertThat(staleBack.readable()).isZero();
        MirrorState resumed = after(staleBack, new Event.Back(1));
        assertThat(resumed.readable()).isEqualTo(2);
        assertThat(resumed.first().standing()).isEqualTo(Standing.RESYNC);
    }

    @Test
    void aLegThatIsBackGetsWritesAndIsReadOnlyWhenItLacksNothing() {
        MirrorState back = after(WHOLE, new Event.Broke(1), new Event.Back(1));
        assertThat(back.second().standing()).isEqualTo(Standing.RESYNC);
        assertThat(back.readable()).isEqualTo(1);
        assertThat(back.writable()).isEqualTo(3);
        MirrorState copied = after(back, new Event.Copied(1), new Event.Recorded());
        assertThat(copied).isEqualTo(WHOLE);
    }

    @Test
    void aReplacedLegLacksEverything() {
        MirrorState gone = after(WHOLE, new Event.Broke(0), new Event.Gone(0, true));
        assertThat(after(gone, new Event.Back(0)).first().reach()).isEqualTo(Reach.GONE);
        MirrorState.Step replaced = gone.on(new Event.Replaced(0));
        assertThat(replaced.actions()).contains(new Action.LacksAll(0));
        assertThat(replaced.next().first().standing()).isEqualTo(Standing.RESYNC);
    }

    @Test
    void aLegInSyncIsNeverReplaced() {
        assertThatThrownBy(() -> WHOLE.on(new Event.Replaced(1)))
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void theLossOfTheLastCopyEndsTheDeviceUnlessTheOtherLacksNothing() {
        MirrorState lastBroken = after(WHOLE, new Event.Broke(0), new Event.Broke(1));
        assertThat(lastBroken.on(new Event.Gone(1, false)).actions())
                .containsExactly(new Action.Lost(1));
        MirrorState saved = after(lastBroken, new Event.Back(0), new Event.Gone(1, true));
        assertThat(saved.readable()).isEqualTo(1);
        assertThat(saved.second().standing()).isEqualTo(Standing.OUT);
    }

    @Test
    void inEveryReachableStateThereIsALastCopyAndNoStaleLegIsRead() {
        List<Event> events = new ArrayList<>(List.of(new Event.Recorded()));
        for (int leg = 0; leg < 2; leg++) {
            events.add(new Event.Broke(leg));
            events.add(new Event.Back(leg));
            events.add(new Event.Copied(leg));
            events.add(new Event.Gone(leg, true));
            events.add(new Event.Gone(leg, false));
            events.add(new Event.Replaced(leg));
        }
        Set<MirrorState> seen = new HashSet<>(Set.of(WHOLE));
        Deque<MirrorState> open = new ArrayDeque<>(seen);
        while (!open.isEmpty()) {
            MirrorState state = open.pop();
            check(state);
            for (Event event : events) {
                boolean isForbidden =
                        event instanceof Event.Replaced(int leg)
                                && state.leg(leg).standing() == Standing.IN_SYNC;
                if (!isForbidden && seen.add(state.on(event).next())) {
                    open.push(state.on(event).next());
                }
            }
        }
        assertThat(seen).hasSizeGreaterThan(20);
    }

    private static void check(MirrorState state) {
        List<Standing> standings = List.of(state.first().standing(), state.second().standing());
        assertThat(standings).as("%s", state).contains(Standing.IN_SYNC);
        for (int leg = 0; leg < 2; leg++) {
            boolean isRead = (state.readable() >>> leg & 1) != 0;
            MirrorState.LegState now = state.leg(leg);
            assertThat(isRead)
                    .as("%s", state)
                    .isEqualTo(
                            now.standing() == Standing.IN_SYNC && now.reach() == Reach.CONNECTED);
        }
        if (state.readable() != 0) {
            assertThat(standings.contains(Standing.OUT))
                    .as("%s: a leg is out only if it cannot be reached", state)
                    .isEqualTo(
                            state.first().reach() != Reach.CONNECTED
                                    || state.second().reach() != Reach.CONNECTED);
        }
        assertThat(state.isAcknowledged(0)).isFalse();
    }
}
