package io.memfabric.agent.policy;

import java.util.List;

/// A tick's decisions and the state for the next tick.
public record BalloonPlan(List<BalloonDecision> decisions, BalloonState state) {

    public BalloonPlan {
        decisions = List.copyOf(decisions);
    }
}
