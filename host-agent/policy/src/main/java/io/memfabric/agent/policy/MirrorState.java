package io.memfabric.agent.policy;

import java.util.ArrayList;
import java.util.List;

/// What an extent's two legs are worth, and what an event makes of it.
///
/// A leg that is not in sync is never read. A leg that breaks is out as long as the other is in sync
/// and connected; otherwise it is the last copy and stays in sync, so that everything waits for it.
/// Which pages a leg lacks is the caller's to know.
///
/// @param recorded whether the standings are in the journal; nothing is acknowledged before
public record MirrorState(LegState first, LegState second, boolean recorded) {

    /// How far a leg can be trusted.
    public enum Standing {
        /// It has every write that was acknowledged.
        IN_SYNC,
        /// It lacks writes and nothing is done about it now.
        OUT,
        /// It lacks writes, gets the new ones, and is given the old ones.
        RESYNC
    }

    /// Whether a leg's region can be reached.
    public enum Reach {
        CONNECTED,
        BROKEN,
        /// The region is lost; only another region can take its place.
        GONE
    }

    /// One leg.
    public record LegState(Standing standing, Reach reach) {

        boolean isSource() {
            return standing == Standing.IN_SYNC && reach == Reach.CONNECTED;
        }

        LegState as(Standing other) {
            return new LegState(other, reach);
        }

        LegState at(Reach other) {
            return new LegState(standing, other);
        }
    }

    /// What happened. Legs are 0 and 1.
    public sealed interface Event {
        /// The leg's connection ended, or it let a deadline pass.
        record Broke(int leg) implements Event {}

        /// The leg is connected again, its region untouched by others.
        record Back(int leg) implements Event {}

        /// The leg's region is lost.
        ///
        /// @param otherIsWhole whether the other leg lacks no page
        record Gone(int leg, boolean otherIsWhole) implements Event {}

        /// A connected, empty region took the place of one that was not in sync.
        record Replaced(int leg) implements Event {}

        /// The leg lacks no page any more.
        record Copied(int leg) implements Event {}

        /// The last [Action.Journal] is done.
        record Recorded() implements Event {}
    }

    /// What the caller has to do now, in this order.
    public sealed interface Action {
        /// Write the standings to the journal, then tell with [Event.Recorded].
        record Journal(Standing first, Standing second) implements Action {}

        /// Note that the leg lacks every page.
        record LacksAll(int leg) implements Action {}

        /// The last copy is lost: end the device, never answer with other data.
        record Lost(int leg) implements Action {}
    }

    /// The next state and what to do.
    public record Step(MirrorState next, List<Action> actions) {}

    /// Two connected legs of these recorded standings.
    public static MirrorState of(Standing first, Standing second) {
        return new MirrorState(
                new LegState(first, Reach.CONNECTED), new LegState(second, Reach.CONNECTED), true);
    }

    public LegState leg(int leg) {
        return leg == 0 ? first : second;
    }

    /// The legs, a bit each, whose data may be given to anybody.
    public int readable() {
        return (first.isSource() ? 1 : 0) | (second.isSource() ? 2 : 0);
    }

    /// The legs, a bit each, whose regions can be reached, whatever they lack.
    public int connected() {
        return (first.reach() == Reach.CONNECTED ? 1 : 0)
                | (second.reach() == Reach.CONNECTED ? 2 : 0);
    }

    /// The legs, a bit each, that get a write; 0 where writes have to wait.
    public int writable() {
        return readable() == 0 ? 0 : readable() | bit(0, Standing.RESYNC) | bit(1, Standing.RESYNC);
    }

    /// Whether a write that these legs have can be acknowledged.
    public boolean isAcknowledged(int legs) {
        int needed = bit(0, Standing.IN_SYNC) | bit(1, Standing.IN_SYNC);
        return recorded && needed != 0 && (legs & needed) == needed;
    }

    private int bit(int leg, Standing standing) {
        return leg(leg).standing() == standing ? 1 << leg : 0;
    }

    /// What follows from an event.
    public Step on(Event event) {
        List<Action> actions = new ArrayList<>();
        MirrorState next =
                switch (event) {
                    case Event.Broke(int leg) ->
                            leg(leg).reach() == Reach.GONE
                                    ? this
                                    : with(leg, leg(leg).at(Reach.BROKEN));
                    case Event.Back(int leg) ->
                            leg(leg).reach() == Reach.GONE
                                    ? this
                                    : with(leg, leg(leg).at(Reach.CONNECTED));
                    case Event.Gone(int leg, boolean otherIsWhole) ->
                            gone(leg, otherIsWhole, actions);
                    case Event.Replaced(int leg) -> replaced(leg, actions);
                    case Event.Copied(int leg) ->
                            leg(leg).standing() == Standing.RESYNC
                                    ? with(leg, leg(leg).as(Standing.IN_SYNC))
                                    : this;
                    case Event.Recorded() -> new MirrorState(first, second, true);
                };
        return next.settled().recordedSince(this, actions);
    }

    private MirrorState gone(int leg, boolean otherIsWhole, List<Action> actions) {
        MirrorState next = with(leg, leg(leg).at(Reach.GONE));
        LegState other = leg(1 - leg);
        if (leg(leg).standing() != Standing.IN_SYNC || other.standing() == Standing.IN_SYNC) {
            return next.with(leg, next.leg(leg).as(Standing.OUT));
        }
        if (otherIsWhole && other.reach() != Reach.GONE) {
            return next.with(1 - leg, other.as(Standing.IN_SYNC))
                    .with(leg, next.leg(leg).as(Standing.OUT));
        }
        actions.add(new Action.Lost(leg));
        return next;
    }

    private MirrorState replaced(int leg, List<Action> actions) {
        if (leg(leg).standing() == Standing.IN_SYNC) {
            throw new IllegalStateException("a leg in sync cannot be replaced");
        }
        actions.add(new Action.LacksAll(leg));
        return with(leg, new LegState(Standing.OUT, Reach.CONNECTED));
    }

    private MirrorState with(int leg, LegState state) {
        return leg == 0
                ? new MirrorState(state, second, recorded)
                : new MirrorState(first, state, recorded);
    }

    private MirrorState settled() {
        MirrorState next = this;
        for (int leg = 0; leg < 2; leg++) {
            next = next.with(leg, settled(next.leg(leg), next.leg(1 - leg).isSource()));
        }
        return next;
    }

    private static LegState settled(LegState leg, boolean otherIsSource) {
        boolean connected = leg.reach() == Reach.CONNECTED;
        return switch (leg.standing()) {
            case IN_SYNC -> !connected && otherIsSource ? leg.as(Standing.OUT) : leg;
            case OUT -> connected && otherIsSource ? leg.as(Standing.RESYNC) : leg;
            case RESYNC -> connected && otherIsSource ? leg : leg.as(Standing.OUT);
        };
    }

    private Step recordedSince(MirrorState before, List<Action> actions) {
        if (first.standing() == before.first.standing()
                && second.standing() == before.second.standing()) {
            return new Step(this, List.copyOf(actions));
        }
        actions.add(new Action.Journal(first.standing(), second.standing()));
        return new Step(new MirrorState(first, second, false), List.copyOf(actions));
    }
}
