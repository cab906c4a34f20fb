package io.memfabric.broker.policy;

import io.memfabric.broker.policy.GrantAction.ClearProblem;
import io.memfabric.broker.policy.GrantAction.DropLegs;
import io.memfabric.broker.policy.GrantAction.Fence;
import io.memfabric.broker.policy.GrantAction.GiveUpNewLegs;
import io.memfabric.broker.policy.GrantAction.Prepare;
import io.memfabric.broker.policy.GrantAction.ReplaceLegs;
import io.memfabric.broker.policy.GrantAction.ShowProblem;
import io.memfabric.broker.policy.GrantLife.Step;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/// The part of a grant's life in which legs come and go under the device, one round at a time: lost
/// ones are replaced, recalled ones are moved or dropped.
///
/// A round that moves legs is prepare, replace, fence; one that drops them is drop, fence. In both
/// the fence comes after the borrower's word that it does not use them.
final class LegRounds {

    private static final Failure COPY_MISSING =
            new Failure("copy_missing", "The borrower does not have every copy of every page.");

    private LegRounds() {}

    static Step repairPlaced(GrantLife life, Set<Integer> placed) {
        if (!life.isRepairable()) {
            throw new IllegalStateException("no round of repair may begin");
        }
        return begin(life, placed, GrantState.DEGRADED);
    }

    static Step movePlaced(GrantLife life, Set<Integer> placed) {
        if (!life.isRecallable()) {
            throw new IllegalStateException("nothing of the grant may be moved now");
        }
        return begin(life, placed, GrantState.RECALLING);
    }

    private static Step begin(GrantLife life, Set<Integer> placed, GrantState during) {
        if (placed.isEmpty()
                || placed.stream().anyMatch(share -> life.shares().containsKey(share))) {
            throw new IllegalArgumentException("a round needs new shares");
        }
        TreeMap<Integer, LenderState> states = new TreeMap<>(life.shares());
        List<GrantAction> actions = new ArrayList<>();
        for (int share : new TreeSet<>(placed)) {
            states.put(share, LenderState.COMING);
            actions.add(new Prepare(share));
        }
        return new Step(
                life.with(states).with(RepairState.PREPARING).with(during, life.device()), actions);
    }

    static Step prepared(GrantLife life, int share) {
        GrantLife next = life.with(share, LenderState.JOINING);
        return next.shares().containsValue(LenderState.COMING)
                ? new Step(next, List.of())
                : new Step(next.with(RepairState.JOINING), List.of(new ReplaceLegs()));
    }

    /// Shares that departed are not in the device any more, so they are fenced whatever else is
    /// under way.
    static Step legsReplaced(GrantLife life, Set<Integer> joined, Set<Integer> departed) {
        if (life.repair() != RepairState.JOINING) {
            return life.nothing();
        }
        TreeMap<Integer, LenderState> states = new TreeMap<>(life.shares());
        for (int share : joined) {
            states.computeIfPresent(
                    share, (_, s) -> s == LenderState.JOINING ? LenderState.READY : s);
        }
        List<GrantAction> actions = dismiss(states, departed);
        // What came in the place of a second copy is empty at first.
        GrantState copying = life.mirrored() ? GrantState.DEGRADED : GrantState.ACTIVE;
        return new Step(
                life.with(states)
                        .with(RepairState.NONE)
                        .with(
                                life.state() == GrantState.RECALLING ? copying : life.state(),
                                life.device()),
                actions);
    }

    static Step replaceRefused(GrantLife life, Set<Integer> joining, Failure failure) {
        return life.repair() == RepairState.JOINING
                ? giveUp(life, joining, new ShowProblem(failure))
                : life.nothing();
    }

    static Step dropWanted(GrantLife life, Set<Integer> leaving) {
        if (!life.isRecallable() || !life.mirrored() || leaving.isEmpty()) {
            throw new IllegalStateException("nothing of the grant may be dropped now");
        }
        TreeMap<Integer, LenderState> states = new TreeMap<>(life.shares());
        for (int share : leaving) {
            if (states.put(share, LenderState.LEAVING) != LenderState.READY) {
                throw new IllegalArgumentException("share " + share + " serves nothing");
            }
        }
        return new Step(
                life.with(states)
                        .with(RepairState.DROPPING)
                        .with(GrantState.RECALLING, life.device()),
                List.of(new DropLegs()));
    }

    static Step legsDropped(GrantLife life) {
        if (life.repair() != RepairState.DROPPING) {
            return life.nothing();
        }
        TreeMap<Integer, LenderState> states = new TreeMap<>(life.shares());
        List<GrantAction> actions = new ArrayList<>();
        life.shares()
                .forEach(
                        (share, is) -> {
                            if (is == LenderState.LEAVING) {
                                states.put(share, LenderState.DROPPED);
                                actions.add(new Fence(share));
                            }
                        });
        return new Step(settled(life.with(states).with(RepairState.NONE)), actions);
    }

    static Step dropRefused(GrantLife life, Failure failure) {
        if (life.repair() != RepairState.DROPPING) {
            return life.nothing();
        }
        TreeMap<Integer, LenderState> states = new TreeMap<>(life.shares());
        states.replaceAll((_, is) -> is == LenderState.LEAVING ? LenderState.READY : is);
        return new Step(
                settled(life.with(states).with(RepairState.NONE)),
                List.of(new ShowProblem(failure)));
    }

    static Step copiesReported(GrantLife life, boolean whole) {
        if (!life.mirrored()) {
            return life.nothing();
        }
        if (life.state() == GrantState.ACTIVE && !whole) {
            return new Step(
                    life.with(GrantState.DEGRADED, life.device()),
                    List.of(new ShowProblem(COPY_MISSING)));
        }
        if (life.state() != GrantState.DEGRADED
                || !whole
                || life.lacksLender()
                || life.repair() == RepairState.JOINING
                || life.repair() == RepairState.DROPPING) {
            return life.nothing();
        }
        GrantLife next = life.with(GrantState.ACTIVE, life.device());
        return life.repair() == RepairState.PREPARING
                ? giveUpRound(next, new ClearProblem())
                : new Step(next, List.of(new ClearProblem()));
    }

    /// Ends a round of which the borrower has not heard.
    static Step giveUpRound(GrantLife life, GrantAction before) {
        TreeSet<Integer> round = new TreeSet<>();
        life.shares()
                .forEach(
                        (share, is) -> {
                            if (is == LenderState.COMING || is == LenderState.JOINING) {
                                round.add(share);
                            }
                        });
        return giveUp(life, round, before);
    }

    private static Step giveUp(GrantLife life, Set<Integer> round, GrantAction before) {
        TreeMap<Integer, LenderState> states = new TreeMap<>(life.shares());
        List<GrantAction> actions = new ArrayList<>(List.of(before, new GiveUpNewLegs()));
        actions.addAll(dismiss(states, round));
        return new Step(settled(life.with(states).with(RepairState.NONE)), actions);
    }

    /// Where a recall leaves its grant.
    private static GrantLife settled(GrantLife life) {
        return life.state() == GrantState.RECALLING
                ? life.with(life.served(), life.device())
                : life;
    }

    /// Asks for the fence of shares that the device does not use.
    static List<GrantAction> dismiss(SortedMap<Integer, LenderState> states, Set<Integer> shares) {
        List<GrantAction> actions = new ArrayList<>();
        for (int share : new TreeSet<>(shares)) {
            LenderState was = states.get(share);
            if (was == LenderState.LOST) {
                states.put(share, LenderState.GONE);
            } else if (was == LenderState.DROPPED) {
                states.put(share, LenderState.FENCING);
            } else if (was != null && !was.isOver() && was != LenderState.FENCING) {
                states.put(share, LenderState.FENCING);
                actions.add(new Fence(share));
            }
        }
        return actions;
    }
}
