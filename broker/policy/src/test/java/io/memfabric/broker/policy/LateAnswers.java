package io.memfabric.broker.policy;

import java.util.ArrayList;
import java.util.List;

/// Answers that come a second time, or far too late.
final class LateAnswers {

    private LateAnswers() {}

    static List<GrantEvent> of(GrantLife life, int share) {
        List<GrantEvent> late = new ArrayList<>();
        LenderState now = life.shares().get(share);
        if (now == LenderState.READY || now == LenderState.JOINING) {
            late.add(new GrantEvent.Prepared(share));
        } else if (now == LenderState.FENCED) {
            late.add(new GrantEvent.Fenced(share));
        }
        if (life.state() == GrantState.ACTIVE
                || life.state() == GrantState.DEGRADED
                || life.state() == GrantState.QUARANTINED
                || life.state() == GrantState.DRAINING) {
            late.add(new GrantEvent.Attached());
        }
        return late;
    }
}
