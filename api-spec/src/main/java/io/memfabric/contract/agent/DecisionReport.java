package io.memfabric.contract.agent;

import java.util.List;
import java.util.UUID;

/// Decisions about balloons that the broker has not heard of, oldest first. After a break in the
/// conversation a host tells again what it still remembers.
///
/// @param processId identity of the agent's process, within which sequence numbers grow
/// @param decisions at most 256
public record DecisionReport(UUID processId, List<VmDecision> decisions) {

    /// As many fit into one report.
    public static final int MOST = 256;

    public DecisionReport {
        Check.present("processId", processId);
        decisions = List.copyOf(Check.present("decisions", decisions));
        Check.atMost("decisions", decisions.size(), MOST);
    }
}
