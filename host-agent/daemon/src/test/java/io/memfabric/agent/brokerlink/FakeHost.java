package io.memfabric.agent.brokerlink;

import io.memfabric.contract.agent.AgentCommand;
import io.memfabric.contract.agent.DecisionReport;
import io.memfabric.contract.agent.HostInventory;
import io.memfabric.contract.agent.HostReport;
import io.memfabric.contract.agent.MemoryReport;
import io.memfabric.contract.agent.ReportReply;
import io.memfabric.contract.agent.VmDecision;
import io.memfabric.contract.vocabulary.HarvestMode;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/// A host that says what a test wants it to say.
final class FakeHost implements HostSide {

    static final UUID BOOT = new UUID(0, 7);

    final List<ReportReply> replies = new CopyOnWriteArrayList<>();
    final List<AgentCommand> commands = new CopyOnWriteArrayList<>();
    final List<VmDecision> decided = new CopyOnWriteArrayList<>();
    final List<GrowthErrand> errands = new CopyOnWriteArrayList<>();
    final Map<GrowthErrand.Kind, GrowthErrand.Answer> answers = new ConcurrentHashMap<>();
    volatile boolean broken;

    @Override
    public Optional<HostReport> report(long sequence) {
        if (broken) {
            throw new IllegalStateException("the test wants it so");
        }
        return Optional.of(
                HostReport.whole(
                        BOOT,
                        sequence,
                        HarvestMode.OBSERVE,
                        new MemoryReport(16, 8, 1, 0, 0, 0, 0),
                        List.of(),
                        null,
                        null));
    }

    @Override
    public List<GrowthErrand> growth() {
        return errands;
    }

    @Override
    public void growthAnswered(GrowthErrand errand, GrowthErrand.Answer answer, String detail) {
        errands.remove(errand);
        answers.put(errand.kind(), answer);
    }

    @Override
    public HostInventory inventory() {
        return new HostInventory(BOOT, List.of(), List.of());
    }

    @Override
    public DecisionReport decisions(long after) {
        return new DecisionReport(
                BOOT, decided.stream().filter(d -> d.sequence() > after).toList());
    }

    @Override
    public void heard(ReportReply reply) {
        replies.add(reply);
    }

    @Override
    public void take(AgentCommand command) {
        commands.add(command);
    }

    static VmDecision decision(long sequence) {
        return new VmDecision(
                sequence,
                BOOT,
                0,
                VmDecision.Action.HOLD,
                1,
                1,
                "IDLE",
                "a reason",
                "a condition",
                "done",
                new VmDecision.Inputs(null, 0, null, 0, 0, 0));
    }
}
