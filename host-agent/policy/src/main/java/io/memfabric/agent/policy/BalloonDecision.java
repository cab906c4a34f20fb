package io.memfabric.agent.policy;

import java.util.UUID;

/// What to do with one VM's balloon, and why.
///
/// @param fromBytes the memory that the VM has
/// @param targetBytes the memory that it shall have; equal to `fromBytes` where nothing is done
/// @param reason one sentence for an operator
public record BalloonDecision(
        UUID vmId, Action action, long fromBytes, long targetBytes, String reason) {

    /// The ways to decide.
    public enum Action {
        /// Take memory.
        INFLATE,
        /// Give memory back.
        DEFLATE,
        /// Stop taking: the guest does not follow.
        RETREAT,
        /// Leave it as it is.
        HOLD
    }

    static BalloonDecision hold(VmMemory vm, String reason) {
        return new BalloonDecision(
                vm.vmId(), Action.HOLD, vm.balloonBytes(), vm.balloonBytes(), reason);
    }

    /// Whether the balloon's target has to be set.
    public boolean changesTarget() {
        return action != Action.HOLD;
    }
}
