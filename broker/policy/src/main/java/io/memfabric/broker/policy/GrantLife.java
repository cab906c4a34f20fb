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
import io.memfabric.broker.policy.GrantAction.ShowProblem;
import io.memfabric.broker.policy.GrantAction.VoidRegions;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;

/// The life of a grant: a value and its next value after an event, with what has to be done.
///
/// Two rules hold in every state. No lender is asked to fence regions that the VM's device may use:
/// that would be a read error for the guest. And a region is free only after its lender confirmed
/// the fence, or after the lender's table is gone; never because time passed.
///
/// A lender takes part with a share: the regions that it was asked for together. A host may have
/// several shares in one grant, one after the other or at the same time. Legs that were lost or are
/// recalled are replaced or dropped in rounds, see [LegRounds].
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

    /// Whether legs may be moved or dropped for a lender that needs its memory back.
    public boolean isRecallable() {
        return (state == GrantState.ACTIVE || state == GrantState.DEGRADED)
                && repair == RepairState.NONE;
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
            case GrantEvent.FenceRefused e -> whileFencing(e.share(), new ShowProblem(e.failure()));
            case GrantEvent.FenceUnasked e -> whileFencing(e.share(), new Fence(e.share()));
            case GrantEvent.LenderLost e -> lenderLost(e.share(), e.lender());
            case GrantEvent.ReleaseRequested _ -> releaseRequested();
            case GrantEvent.CopiesReported e -> LegRounds.copiesReported(this, e.whole());
            case GrantEvent.RepairPlaced e -> LegRounds.repairPlaced(this, e.shares());
            case GrantEvent.MovePlaced e -> LegRounds.movePlaced(this, e.shares());
            case GrantEvent.LegsReplaced e ->
                    LegRounds.legsReplaced(this, e.joined(), e.departed());
            case GrantEvent.ReplaceRefused e ->
                    LegRounds.replaceRefused(this, e.joining(), e.failure());
            case GrantEvent.DropWanted e -> LegRounds.dropWanted(this, e.shares());
            case GrantEvent.LegsDropped _ -> LegRounds.legsDropped(this);
            case GrantEvent.DropRefused e -> LegRounds.dropRefused(this, e.failure());
            case GrantEvent.Doubted e -> doubted(e.failure());
            case GrantEvent.Trusted _ -> trusted();
            case GrantEvent.RepairHindered e ->
                    isRepairable()
                            ? new Step(this, List.of(new ShowProblem(e.failure())))
                            : nothing();
        };
    }

    private Step prepared(int share) {
        LenderState was = shares.get(share);
        if (was == LenderState.COMING) {
            return LegRounds.prepared(this, share);
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
            return LegRounds.giveUpRound(this, new ShowProblem(failure));
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
    GrantState served() {
        if (mirrored) {
            return repair != RepairState.NONE || lacksLender()
                    ? GrantState.DEGRADED
                    : GrantState.ACTIVE;
        }
        return repair == RepairState.NONE ? GrantState.ACTIVE : GrantState.RECALLING;
    }

    boolean lacksLender() {
        return shares.containsValue(LenderState.LOST) || shares.containsValue(LenderState.DROPPED);
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
        GrantState after = state == GrantState.FAILED ? state : GrantState.FENCED;
        return repair == RepairState.NONE
                ? next.fenceAll(after)
                : next.fenceAll(after, new GiveUpNewLegs());
    }

    private Step detachRefused(Failure failure) {
        if (device != DeviceState.DETACHING) {
            return nothing();
        }
        return switch (state) {
            case DRAINING ->
                    new Step(
                            with(served(), DeviceState.ATTACHED),
                            List.of(new ReleaseFailed(failure)));
            // It goes on showing why it is there.
            case QUARANTINED ->
                    new Step(
                            with(state, DeviceState.ATTACHED), List.of(new ReleaseFailed(failure)));
            default ->
                    new Step(
                            with(state, DeviceState.ATTACHED),
                            List.of(new ReleaseFailed(failure), new ShowProblem(failure)));
        };
    }

    /// A round of which the borrower has not heard is given up. One that it was asked for has to end
    /// first, with its word: what it uses must be known before nothing is changed any more.
    private Step doubted(Failure failure) {
        if (!isServing() || repair == RepairState.JOINING || repair == RepairState.DROPPING) {
            return nothing();
        }
        GrantLife next = with(GrantState.QUARANTINED, device);
        return repair == RepairState.PREPARING
                ? LegRounds.giveUpRound(next, new ShowProblem(failure))
                : new Step(next, List.of(new ShowProblem(failure)));
    }

    private boolean isServing() {
        return state == GrantState.ACTIVE
                || state == GrantState.DEGRADED
                || state == GrantState.RECALLING;
    }

    private Step trusted() {
        return state == GrantState.QUARANTINED && device == DeviceState.ATTACHED
                ? new Step(with(served(), device), List.of(new ClearProblem()))
                : nothing();
    }

    private Step fenced(int share) {
        LenderState was = shares.get(share);
        if (was == LenderState.DROPPED) {
            return new Step(with(share, LenderState.LOST), List.of(new FreeRegions(share)));
        }
        return was == LenderState.FENCING
                ? with(share, LenderState.FENCED).finished(List.of(new FreeRegions(share)))
                : nothing();
    }

    private Step whileFencing(int share, GrantAction action) {
        LenderState is = shares.get(share);
        return is != null && is.owesFence() ? new Step(this, List.of(action)) : nothing();
    }

    private Step lenderLost(int share, UUID lender) {
        LenderState was = shares.get(share);
        if (was == null || was.isOver()) {
            return nothing();
        }
        GrantAction gone = new VoidRegions(share);
        if (was == LenderState.FENCING) {
            return with(share, LenderState.GONE).finished(List.of(gone));
        }
        if (repair == RepairState.PREPARING
                && (was == LenderState.COMING || was == LenderState.JOINING)) {
            return LegRounds.giveUpRound(with(share, LenderState.GONE), gone);
        }
        GrantLife next = with(share, LenderState.LOST);
        if (was == LenderState.DROPPED) {
            return new Step(next, List.of(gone));
        }
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
        if (state == GrantState.QUARANTINED) {
            return new Step(next, List.of(gone));
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
            case ACTIVE, DEGRADED, RECALLING -> {
                GrantLife next = with(GrantState.DRAINING, DeviceState.DETACHING);
                yield repair == RepairState.PREPARING
                        ? LegRounds.giveUpRound(next, new Detach())
                        : new Step(next, List.of(new Detach()));
            }
            case FAILED, QUARANTINED ->
                    device == DeviceState.ATTACHED
                            ? new Step(with(state, DeviceState.DETACHING), List.of(new Detach()))
                            : nothing();
            case DRAINING, FENCED, RELEASED -> nothing();
        };
    }

    /// Asks every lender that may hold something to fence it.
    private Step fenceAll(GrantState nextState, GrantAction... before) {
        List<GrantAction> actions = new ArrayList<>(List.of(before));
        TreeMap<Integer, LenderState> states = new TreeMap<>(shares);
        actions.addAll(LegRounds.dismiss(states, shares.keySet()));
        return with(states).with(nextState, device).finished(actions);
    }

    /// Ends a release whose last lender is done; a failed grant stays failed.
    private Step finished(List<GrantAction> actions) {
        if (!isEmpty()) {
            return new Step(this, actions);
        }
        List<GrantAction> all = new ArrayList<>(actions);
        all.add(new ReleaseDone());
        return new Step(state == GrantState.FENCED ? with(GrantState.RELEASED, device) : this, all);
    }

    private boolean isEmpty() {
        return device == DeviceState.ABSENT
                && shares.values().stream().allMatch(LenderState::isOver);
    }

    GrantLife with(int share, LenderState lenderState) {
        TreeMap<Integer, LenderState> states = new TreeMap<>(shares);
        states.put(share, lenderState);
        return with(states);
    }

    GrantLife with(SortedMap<Integer, LenderState> states) {
        return new GrantLife(state, device, mirrored, repair, states);
    }

    GrantLife with(RepairState nextRepair) {
        return new GrantLife(state, device, mirrored, nextRepair, shares);
    }

    GrantLife with(GrantState nextState, DeviceState nextDevice) {
        return new GrantLife(nextState, nextDevice, mirrored, repair, shares);
    }

    Step nothing() {
        return new Step(this, List.of());
    }
}
