package io.memfabric.agent.policy;

import java.util.UUID;

/// What to do with one VM's balloon, and why.
///
/// @param fromBytes the memory that the VM has
/// @param targetBytes the memory that it shall have; equal to `fromBytes` where nothing is done
/// @param why the rule that decided
/// @param inputs what it decided from
public record BalloonDecision(
        UUID vmId, Action action, long fromBytes, long targetBytes, Why why, Inputs inputs) {

    /// The ways to decide.
    public enum Action {
        /// Take memory.
        INFLATE,
        /// Give memory back.
        DEFLATE,
        /// Stop taking: the guest does not follow.
        RETREAT,
        /// Ask for a remote grant: the target is what it would have with it.
        GROW,
        /// Give remote grants back: the target is what it keeps.
        GIVE_BACK,
        /// Leave it as it is.
        HOLD
    }

    static BalloonDecision hold(VmMemory vm, BalloonState.Vm past, Why why) {
        return to(vm, past, Action.HOLD, vm.balloonBytes(), why);
    }

    static BalloonDecision to(
            VmMemory vm, BalloonState.Vm past, Action action, long targetBytes, Why why) {
        return new BalloonDecision(
                vm.vmId(), action, vm.balloonBytes(), targetBytes, why, Inputs.of(vm, past));
    }

    /// Whether the balloon's target has to be set.
    public boolean changesTarget() {
        return action != Action.HOLD;
    }

    /// One sentence for an operator.
    public String reason() {
        return why.text(inputs);
    }

    /// What would have led to another decision.
    public String unless() {
        return why.unless(inputs);
    }
}
