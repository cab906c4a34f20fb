package io.memfabric.agent.balloon;

import io.memfabric.agent.policy.BalloonDecision;
import io.memfabric.agent.policy.Inputs;
import io.memfabric.contract.agent.DecisionReport;
import io.memfabric.contract.agent.VmDecision;
import io.memfabric.contract.agent.VmDecision.Action;
import java.util.List;
import java.util.UUID;

/// The decision log in the contract's words.
public final class Explanations {

    private static final int LONGEST = 500;

    private final UUID processId = UUID.randomUUID();
    private final DecisionLog log;

    public Explanations(DecisionLog log) {
        this.log = log;
    }

    /// The decisions after the one with that number, as many as fit.
    public DecisionReport after(long known) {
        List<VmDecision> decisions =
                log.after(known, DecisionReport.MOST).stream().map(Explanations::told).toList();
        return new DecisionReport(processId, decisions);
    }

    private static VmDecision told(DecisionLog.Entry entry) {
        BalloonDecision decision = entry.decision();
        return new VmDecision(
                entry.sequence(),
                decision.vmId(),
                entry.at().toEpochMilli(),
                switch (decision.action()) {
                    case INFLATE -> Action.INFLATE;
                    case DEFLATE -> Action.DEFLATE;
                    case RETREAT -> Action.RETREAT;
                    case GROW -> Action.GROW;
                    case GIVE_BACK -> Action.GIVE_BACK;
                    case HOLD -> Action.HOLD;
                },
                decision.fromBytes(),
                decision.targetBytes(),
                decision.why().name(),
                line(decision.reason()),
                line(decision.unless()),
                line(entry.outcome()),
                inputs(decision.inputs()));
    }

    private static VmDecision.Inputs inputs(Inputs inputs) {
        return new VmDecision.Inputs(
                inputs.usableBytes() < 0 ? null : (Long) inputs.usableBytes(),
                inputs.age().toMillis(),
                inputs.pressureCentipercent() < 0 ? null : (Long) inputs.pressureCentipercent(),
                inputs.refaultsPerSecond(),
                inputs.stallMicrosPerSecond(),
                inputs.keepBytes());
    }

    /// A hypervisor's message may have lines.
    private static String line(String text) {
        String line = text.replaceAll("[\\p{Cntrl}\\s]+", " ").strip();
        return line.isEmpty() ? "-" : line.substring(0, Math.min(line.length(), LONGEST));
    }
}
