package io.memfabric.agent.policy;

import java.util.List;
import java.util.UUID;

/// A tick's decisions and the state for the next tick.
///
/// @param flagged the VMs whose guests have just been found not to follow their balloons
/// @param missingBytes what guests need now and the host could not give
public record BalloonPlan(
        List<BalloonDecision> decisions,
        BalloonState state,
        List<UUID> flagged,
        long missingBytes) {

    public BalloonPlan {
        decisions = List.copyOf(decisions);
        flagged = List.copyOf(flagged);
    }
}
