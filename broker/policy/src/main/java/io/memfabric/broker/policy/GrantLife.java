package io.memfabric.broker.policy;

import io.memfabric.broker.policy.GrantAction.Attach;
import io.memfabric.broker.policy.GrantAction.CreationDone;
import io.memfabric.broker.policy.GrantAction.CreationFailed;
import io.memfabric.broker.policy.GrantAction.Detach;
import io.memfabric.broker.policy.GrantAction.Fence;
import io.memfabric.broker.policy.GrantAction.FreeRegions;
import io.memfabric.broker.policy.GrantAction.Prepare;
import io.memfabric.broker.policy.GrantAction.ReleaseDone;
import io.memfabric.broker.policy.GrantAction.ReleaseFailed;
import io.memfabric.broker.policy.GrantAction.ShowProblem;
import io.memfabric.broker.policy.GrantAction.VoidRegions;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.UUID;

/// The life of a grant: a value and its next value after an event, with what has to be done.
///
/// Two rules hold in every state. No lender is asked to fence while the VM may have the device: a
/// fence under an attached disk would be a read error for the guest. And a region is free only after
/// its lender confirmed the fence, or after the lender's table is gone; never because time passed.
///
/// @param lenders every lender of the grant, in the order in which they are asked
public record GrantLife(
        GrantState state, DeviceState device, SortedMap<UUID, LenderState> lenders) {

    /// A life after an event, and what has to be done for it.
    public record Step(GrantLife life, List<GrantAction> actions) {}

    private static final Failure CANCELLED =
            new Failure("grant_released", "The grant was released before it became active.");

    public GrantLife {
        if (lenders.isEmpty()) {
            throw new IllegalArgumentException("a grant has at least one lender");
        }
        lenders = Collections.unmodifiableSortedMap(new TreeMap<>(lenders));
    }

    /// The life of a grant whose regions were just claimed at these lenders.
    public static Step begin(Collection<UUID> lenders) {
        TreeMap<UUID, LenderState> states = new TreeMap<>();
        lenders.forEach(id -> states.put(id, LenderState.PREPARING));
        List<GrantAction> actions = new ArrayList<>();
        states.keySet().forEach(id -> actions.add(new Prepare(id)));
        return new Step(new GrantLife(GrantState.RESERVED, DeviceState.ABSENT, states), actions);
    }

    /// Whether a release has anything left to do.
    public boolean isReleasable() {
        return state != GrantState.RELEASED && !(state == GrantState.FAILED && isEmpty());
    }

    /// The next life after an event.
    public Step on(GrantEvent event) {
        return switch (event) {
            case GrantEvent.Prepared e -> prepared(e.lender());
            case GrantEvent.PrepareRefused e -> prepareRefused(e.lender(), e.failure());
            case GrantEvent.Attached _ -> attached();
            case GrantEvent.AttachRefused e -> attachRefused(e.failure());
            case GrantEvent.Detached _ -> detached();
            case GrantEvent.DetachRefused e -> detachRefused(e.failure());
            case GrantEvent.Fenced e -> fenced(e.lender());
            case GrantEvent.FenceRefused e -> fenceRefused(e.lender(), e.failure());
            case GrantEvent.FenceUnasked e -> fenceUnasked(e.lender());
            case GrantEvent.LenderLost e -> lenderLost(e.lender());
            case GrantEvent.ReleaseRequested _ -> releaseRequested();
        };
    }

    private Step prepared(UUID lender) {
        if (state != GrantState.RESERVED || lenders.get(lender) != LenderState.PREPARING) {
            return nothing();
        }
        GrantLife next = with(lender, LenderState.READY);
        return next.lenders.values().stream().allMatch(s -> s == LenderState.READY)
                ? new Step(
                        next.with(GrantState.PREPARED, DeviceState.ATTACHING),
                        List.of(new Attach()))
                : new Step(next, List.of());
    }

    private Step prepareRefused(UUID lender, Failure failure) {
        if (state != GrantState.RESERVED || lenders.get(lender) != LenderState.PREPARING) {
            return nothing();
        }
        return fenceAll(GrantState.FAILED, new CreationFailed(failure), new ShowProblem(failure));
    }

    private Step attached() {
        return state == GrantState.PREPARED
                ? new Step(
                        with(GrantState.ACTIVE, DeviceState.ATTACHED), List.of(new CreationDone()))
                : nothing();
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
        return with(state, DeviceState.ABSENT)
                .fenceAll(state == GrantState.DRAINING ? GrantState.FENCED : state);
    }

    private Step detachRefused(Failure failure) {
        if (device != DeviceState.DETACHING) {
            return nothing();
        }
        return state == GrantState.DRAINING
                ? new Step(
                        with(GrantState.ACTIVE, DeviceState.ATTACHED),
                        List.of(new ReleaseFailed(failure)))
                : new Step(
                        with(state, DeviceState.ATTACHED),
                        List.of(new ReleaseFailed(failure), new ShowProblem(failure)));
    }

    private Step fenced(UUID lender) {
        return lenders.get(lender) == LenderState.FENCING
                ? with(lender, LenderState.FENCED).finished(new FreeRegions(lender))
                : nothing();
    }

    private Step fenceRefused(UUID lender, Failure failure) {
        return lenders.get(lender) == LenderState.FENCING
                ? new Step(this, List.of(new ShowProblem(failure)))
                : nothing();
    }

    private Step fenceUnasked(UUID lender) {
        return lenders.get(lender) == LenderState.FENCING
                ? new Step(this, List.of(new Fence(lender)))
                : nothing();
    }

    private Step lenderLost(UUID lender) {
        LenderState was = lenders.get(lender);
        if (was == null || was.isOver()) {
            return nothing();
        }
        GrantLife next = with(lender, LenderState.LOST);
        GrantAction gone = new VoidRegions(lender);
        if (was == LenderState.FENCING) {
            return next.finished(gone);
        }
        Failure failure =
                new Failure(
                        "leg_lost",
                        "Lender " + lender + " lost its regions, and what this grant kept there.");
        if (state == GrantState.RESERVED) {
            return next.fenceAll(
                    GrantState.FAILED, gone, new CreationFailed(failure), new ShowProblem(failure));
        }
        return new Step(next, List.of(gone, new ShowProblem(failure)));
    }

    private Step releaseRequested() {
        return switch (state) {
            case RESERVED -> fenceAll(GrantState.FENCED, new CreationFailed(CANCELLED));
            case PREPARED ->
                    new Step(
                            with(GrantState.DRAINING, DeviceState.DETACHING),
                            List.of(new CreationFailed(CANCELLED), new Detach()));
            case ACTIVE ->
                    new Step(
                            with(GrantState.DRAINING, DeviceState.DETACHING),
                            List.of(new Detach()));
            case FAILED ->
                    device == DeviceState.ATTACHED
                            ? new Step(
                                    with(GrantState.FAILED, DeviceState.DETACHING),
                                    List.of(new Detach()))
                            : nothing();
            case DRAINING, FENCED, RELEASED -> nothing();
        };
    }

    /// Asks every lender that may hold something to fence it.
    private Step fenceAll(GrantState nextState, GrantAction... before) {
        List<GrantAction> actions = new ArrayList<>(List.of(before));
        TreeMap<UUID, LenderState> states = new TreeMap<>(lenders);
        lenders.forEach(
                (id, was) -> {
                    if (!was.isOver()) {
                        states.put(id, LenderState.FENCING);
                        actions.add(new Fence(id));
                    }
                });
        return new GrantLife(nextState, device, states).finished(actions);
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
                && lenders.values().stream().allMatch(LenderState::isOver);
    }

    private GrantLife with(UUID lender, LenderState lenderState) {
        TreeMap<UUID, LenderState> states = new TreeMap<>(lenders);
        states.put(lender, lenderState);
        return new GrantLife(state, device, states);
    }

    private GrantLife with(GrantState nextState, DeviceState nextDevice) {
        return new GrantLife(nextState, nextDevice, lenders);
    }

    private Step nothing() {
        return new Step(this, List.of());
    }
}
