package io.memfabric.broker.policy;

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
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.UUID;

/// The life of a grant: a value and its next value after an event, with what has to be done.
///
/// Two rules hold in every state. No lender is asked to fence regions that the VM's device may use:
/// that would be a read error for the guest. And a region is free only after its lender confirmed
/// the fence, or after the lender's table is gone; never because time passed.
///
/// A lender takes part with a share: the regions that it was asked for together. A host may have
/// several shares in one grant, one after the other or at the same time. A mirrored grant that lost
/// legs is repaired in rounds: new shares are prepared, then the borrower is asked to use them, then
/// the shares that they replaced are fenced.
///
/// @param mirrored whether every extent has a second copy
/// @param shares every share of the grant, in the order in which their lenders are asked
public record GrantLife(
        GrantState state,
        DeviceState device,
        boolean mirrored,
        RepairState repair,
        SortedMap<Integer, LenderState> shares) {

    /// A life after an event, and what has to be done for it.
    public record Step(GrantLife life, List<GrantAction> actions) {}

    private static final Failure CANCELLED =
            new Failure("grant_released", "The grant was released before it became active.");

    private static final Failure COPY_MISSING =
            new Failure("copy_missing", "The borrower does not have every copy of every page.");

    public GrantLife {
        if (shares.isEmpty()) {
            throw new IllegalArgumentException("a grant has at least one lender");
        }
        shares = Collections.unmodifiableSortedMap(new TreeMap<>(shares));
    }

    /// The life of a grant whose regions were just claimed in this many shares, numbered from 0.
    public static Step begin(int shares, boolean mirrored) {
        TreeMap<Integer, LenderState> states = new TreeMap<>();
        List<GrantAction> actions = new ArrayList<>();
        for (int share = 0; share < shares; share++) {
            states.put(share, LenderState.PREPARING);
            actions.add(new Prepare(share));
        }
        return new Step(
                new GrantLife(
                        GrantState.RESERVED,
                        DeviceState.ABSENT,
                        mirrored,
                        RepairState.NONE,
                        states),
                actions);
    }

    /// Whether a release has anything left to do.
    public boolean isReleasable() {
        return state != GrantState.RELEASED && !(state == GrantState.FAILED && isEmpty());
    }

    /// Whether a round of repair may begin.
    public boolean isRepairable() {
        return state == GrantState.DEGRADED && repair == RepairState.NONE;
    }

    /// The next life after an event.
    public Step on(GrantEvent event) {
        return switch (event) {
            case GrantEvent.Prepared e -> prepared(e.share());
            case GrantEvent.PrepareRefused e -> prepareRefused(e.share(), e.failure());
            case GrantEvent.Attached _ -> attached();
            case GrantEvent.AttachRefused e -> attachRefused(e.failure());
            case GrantEvent.Detached _ -> detached();
            case GrantEvent.DetachRefused e -> detachRefused(e.failure());
            case GrantEvent.Fenced e -> fenced(e.share());
            case GrantEvent.FenceRefused e -> fenceRefused(e.share(), e.failure());
            case GrantEvent.FenceUnasked e -> fenceUnasked(e.share());
            case GrantEvent.LenderLost e -> lenderLost(e.share(), e.lender());
            case GrantEvent.ReleaseRequested _ -> releaseRequested();
            case GrantEvent.CopiesReported e -> copiesReported(e.whole());
            case GrantEvent.RepairPlaced e -> repairPlaced(e.shares());
            case GrantEvent.LegsReplaced e -> legsReplaced(e.joined(), e.departed());
            case GrantEvent.ReplaceRefused e -> replaceRefused(e.joining(), e.failure());
            case GrantEvent.RepairHindered e ->
                    isRepairable()
                            ? new Step(this, List.of(new ShowProblem(e.failure())))
                            : nothing();
        };
    }

    private Step prepared(int share) {
        LenderState was = shares.get(share);
        if (was == LenderState.COMING) {
            GrantLife next = with(share, LenderState.JOINING);
            return next.shares.containsValue(LenderState.COMING)
                    ? new Step(next, List.of())
                    : new Step(next.with(RepairState.JOINING), List.of(new ReplaceLegs()));
        }
        if (state != GrantState.RESERVED || was != LenderState.PREPARING) {
            return nothing();
        }
        GrantLife next = with(share, LenderState.READY);
        return next.shares.values().stream().allMatch(s -> s == LenderState.READY)
                ? new Step(
                        next.with(GrantState.PREPARED, DeviceState.ATTACHING),
                        List.of(new Attach()))
                : new Step(next, List.of());
    }

    private Step prepareRefused(int share, Failure failure) {
        LenderState was = shares.get(share);
        if (was == LenderState.COMING) {
            return giveUpRound(new ShowProblem(failure));
        }
        if (state != GrantState.RESERVED || was != LenderState.PREPARING) {
            return nothing();
        }
        return fenceAll(GrantState.FAILED, new CreationFailed(failure), new ShowProblem(failure));
    }

    private Step attached() {
        return state == GrantState.PREPARED
                ? new Step(with(served(), DeviceState.ATTACHED), List.of(new CreationDone()))
                : nothing();
    }

    /// What a grant with a device is, as far as the lenders have said.
    private GrantState served() {
        return mirrored && (repair != RepairState.NONE || lacksLender())
                ? GrantState.DEGRADED
                : GrantState.ACTIVE;
    }

    private boolean lacksLender() {
        return shares.containsValue(LenderState.LOST);
    }

    /// A refused attach says that nothing changed. The device is taken away all the same before the
    /// fences, because a wrong "nothing changed" would cost the guest its pages.
    private Step attachRefused(Failure failure) {
        return state == GrantState.PREPARED
                ? new Step(
                        with(GrantState.FAILED, DeviceState.DETACHING),
                        List.of(
                                new CreationFailed(failure),
                                new ShowProblem(failure),
                                new Detach()))
                : nothing();
    }

    private Step detached() {
        if (device != DeviceState.DETACHING) {
            return nothing();
        }
        GrantLife next = with(state, DeviceState.ABSENT).with(RepairState.NONE);
        GrantState after = state == GrantState.DRAINING ? GrantState.FENCED : state;
        return repair == RepairState.NONE
                ? next.fenceAll(after)
                : next.fenceAll(after, new GiveUpNewLegs());
    }

    private Step detachRefused(Failure failure) {
        if (device != DeviceState.DETACHING) {
            return nothing();
        }
        return state == GrantState.DRAINING
                ? new Step(
                        with(served(), DeviceState.ATTACHED), List.of(new ReleaseFailed(failure)))
                : new Step(
                        with(state, DeviceState.ATTACHED),
                        List.of(new ReleaseFailed(failure), new ShowProblem(failure)));
    }

    private Step fenced(int share) {
        return shares.get(share) == LenderState.FENCING
                ? with(share, LenderState.FENCED).finished(new FreeRegions(share))
                : nothing();
    }

    private Step fenceRefused(int share, Failure failure) {
        return shares.get(share) == LenderState.FENCING
                ? new Step(this, List.of(new ShowProblem(failure)))
                : nothing();
    }

    private Step fenceUnasked(int share) {
        return shares.get(share) == LenderState.FENCING
                ? new Step(this, List.of(new Fence(share)))
                : nothing();
    }

    private Step lenderLost(int share, UUID lender) {
        LenderState was = shares.get(share);
        if (was == null || was.isOver()) {
            return nothing();
        }
        GrantAction gone = new VoidRegions(share);
        if (was == LenderState.FENCING) {
            return with(share, LenderState.GONE).finished(gone);
        }
        if (repair == RepairState.PREPARING
                && (was == LenderState.COMING || was == LenderState.JOINING)) {
            return with(share, LenderState.GONE).giveUpRound(gone);
        }
        GrantLife next = with(share, LenderState.LOST);
        Failure failure =
                new Failure(
                        "leg_lost",
                        "Lender "
                                + lender
                                + " lost its regions, and what this grant kept there"
                                + (mirrored ? "; the other copies serve." : "."));
        if (state == GrantState.RESERVED) {
            return next.fenceAll(
                    GrantState.FAILED, gone, new CreationFailed(failure), new ShowProblem(failure));
        }
        return new Step(
                state == GrantState.ACTIVE ? next.with(next.served(), device) : next,
                List.of(gone, new ShowProblem(failure)));
    }

    private Step releaseRequested() {
        return switch (state) {
            case RESERVED -> fenceAll(GrantState.FENCED, new CreationFailed(CANCELLED));
            case PREPARED ->
                    new Step(
                            with(GrantState.DRAINING, DeviceState.DETACHING),
                            List.of(new CreationFailed(CANCELLED), new Detach()));
            case ACTIVE, DEGRADED -> {
                GrantLife next = with(GrantState.DRAINING, DeviceState.DETACHING);
                yield repair == RepairState.PREPARING
                        ? next.giveUpRound(new Detach())
                        : new Step(next, List.of(new Detach()));
            }
            case FAILED ->
                    device == DeviceState.ATTACHED
                            ? new Step(
                                    with(GrantState.FAILED, DeviceState.DETACHING),
                                    List.of(new Detach()))
                            : nothing();
            case DRAINING, FENCED, RELEASED -> nothing();
        };
    }

    private Step copiesReported(boolean whole) {
        if (!mirrored) {
            return nothing();
        }
        if (state == GrantState.ACTIVE && !whole) {
            return new Step(
                    with(GrantState.DEGRADED, device), List.of(new ShowProblem(COPY_MISSING)));
        }
        if (state != GrantState.DEGRADED
                || !whole
                || lacksLender()
                || repair == RepairState.JOINING) {
            return nothing();
        }
        GrantLife next = with(GrantState.ACTIVE, device);
        return repair == RepairState.PREPARING
                ? next.giveUpRound(new ClearProblem())
                : new Step(next, List.of(new ClearProblem()));
    }

    private Step repairPlaced(Set<Integer> placed) {
        if (!isRepairable()
                || placed.isEmpty()
                || placed.stream().anyMatch(share -> shares.containsKey(share))) {
            throw new IllegalStateException("no round of repair may begin");
        }
        TreeMap<Integer, LenderState> states = new TreeMap<>(shares);
        List<GrantAction> actions = new ArrayList<>();
        for (int share : new TreeSet<>(placed)) {
            states.put(share, LenderState.COMING);
            actions.add(new Prepare(share));
        }
        return new Step(with(states).with(RepairState.PREPARING), actions);
    }

    /// Shares that departed are not in the device any more, so they are fenced whatever else is
    /// under way.
    private Step legsReplaced(Set<Integer> joined, Set<Integer> departed) {
        if (repair != RepairState.JOINING) {
            return nothing();
        }
        TreeMap<Integer, LenderState> states = new TreeMap<>(shares);
        for (int share : joined) {
            states.computeIfPresent(
                    share, (_, s) -> s == LenderState.JOINING ? LenderState.READY : s);
        }
        List<GrantAction> actions = dismiss(states, departed);
        return new Step(with(states).with(RepairState.NONE), actions);
    }

    private Step replaceRefused(Set<Integer> joining, Failure failure) {
        if (repair != RepairState.JOINING) {
            return nothing();
        }
        TreeMap<Integer, LenderState> states = new TreeMap<>(shares);
        List<GrantAction> actions = new ArrayList<>();
        actions.add(new GiveUpNewLegs());
        actions.add(new ShowProblem(failure));
        actions.addAll(dismiss(states, joining));
        return new Step(with(states).with(RepairState.NONE), actions);
    }

    /// Ends a round of which the borrower has not heard.
    private Step giveUpRound(GrantAction before) {
        TreeMap<Integer, LenderState> states = new TreeMap<>(shares);
        TreeSet<Integer> round = new TreeSet<>();
        for (Map.Entry<Integer, LenderState> entry : shares.entrySet()) {
            if (entry.getValue() == LenderState.COMING || entry.getValue() == LenderState.JOINING) {
                round.add(entry.getKey());
            }
        }
        List<GrantAction> actions = new ArrayList<>();
        actions.add(before);
        actions.add(new GiveUpNewLegs());
        actions.addAll(dismiss(states, round));
        return new Step(with(states).with(RepairState.NONE), actions);
    }

    /// Asks for the fence of shares that the device does not use.
    private static List<GrantAction> dismiss(
            TreeMap<Integer, LenderState> states, Set<Integer> shares) {
        List<GrantAction> actions = new ArrayList<>();
        for (int share : new TreeSet<>(shares)) {
            LenderState was = states.get(share);
            if (was == LenderState.LOST) {
                states.put(share, LenderState.GONE);
            } else if (was != null && !was.isOver() && was != LenderState.FENCING) {
                states.put(share, LenderState.FENCING);
                actions.add(new Fence(share));
            }
        }
        return actions;
    }

    /// Asks every lender that may hold something to fence it.
    private Step fenceAll(GrantState nextState, GrantAction... before) {
        List<GrantAction> actions = new ArrayList<>(List.of(before));
        TreeMap<Integer, LenderState> states = new TreeMap<>(shares);
        shares.forEach(
                (share, was) -> {
                    if (!was.isOver() && was != LenderState.FENCING) {
                        states.put(share, LenderState.FENCING);
                        actions.add(new Fence(share));
                    }
                });
        return with(states).with(nextState, device).finished(actions);
    }

    private Step finished(GrantAction action) {
        return finished(new ArrayList<>(List.of(action)));
    }

    /// Ends a release whose last lender is done; a failed grant stays failed.
    private Step finished(List<GrantAction> actions) {
        if (!isEmpty()) {
            return new Step(this, actions);
        }
        actions.add(new ReleaseDone());
        return new Step(
                state == GrantState.FENCED ? with(GrantState.RELEASED, device) : this, actions);
    }

    private boolean isEmpty() {
        return device == DeviceState.ABSENT
                && shares.values().stream().allMatch(LenderState::isOver);
    }

    private GrantLife with(int share, LenderState lenderState) {
        TreeMap<Integer, LenderState> states = new TreeMap<>(shares);
        states.put(share, lenderState);
        return with(states);
    }

    private GrantLife with(SortedMap<Integer, LenderState> states) {
        return new GrantLife(state, device, mirrored, repair, states);
    }

    private GrantLife with(RepairState nextRepair) {
        return new GrantLife(state, device, mirrored, nextRepair, shares);
    }

    private GrantLife with(GrantState nextState, DeviceState nextDevice) {
        return new GrantLife(nextState, nextDevice, mirrored, repair, shares);
    }

    private Step nothing() {
        return new Step(this, List.of());
    }
}
