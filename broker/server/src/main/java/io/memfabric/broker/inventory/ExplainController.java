package io.memfabric.broker.inventory;

import io.memfabric.broker.access.Caller;
import io.memfabric.broker.database.Ledger;
import io.memfabric.broker.event.Events;
import io.memfabric.broker.event.NewEvent;
import io.memfabric.broker.web.Problem;
import io.memfabric.contract.agent.DecisionReport;
import io.memfabric.contract.agent.VmDecision;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.springframework.http.HttpStatus;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestAttribute;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.ResponseStatus;
import org.springframework.web.bind.annotation.RestController;

/// Why a VM's balloon is as it is: hosts tell what they decide, operators read it.
@RestController
class ExplainController {

    /// Decisions that an operator is told of without asking, by the rule behind them.
    private static final Map<String, String> EVENTS =
            Map.of("NOT_FOLLOWING", "guest_uncooperative", "DISTRUSTED", "guest_distrusted");

    private final VmRepository vms;
    private final VmPolicyTable policies;
    private final Presence presence;
    private final Decisions decisions;
    private final Ledger ledger;
    private final Events events;

    ExplainController(
            VmRepository vms,
            VmPolicyTable policies,
            Presence presence,
            Decisions decisions,
            Ledger ledger,
            Events events) {
        this.vms = vms;
        this.policies = policies;
        this.presence = presence;
        this.decisions = decisions;
        this.ledger = ledger;
        this.events = events;
    }

    /// @param memory what is wanted of the VM's memory
    /// @param decisions newest first
    record ExplainView(
            UUID vmId, UUID hostId, VmSpec.Memory memory, List<DecisionView> decisions) {}

    record DecisionView(
            Instant at,
            VmDecision.Action action,
            long fromBytes,
            long targetBytes,
            String rule,
            String reason,
            String unless,
            String outcome,
            VmDecision.Inputs inputs) {

        static DecisionView of(VmDecision decision) {
            return new DecisionView(
                    Instant.ofEpochMilli(decision.atEpochMillis()),
                    decision.action(),
                    decision.fromBytes(),
                    decision.targetBytes(),
                    decision.rule(),
                    decision.reason(),
                    decision.unless(),
                    decision.outcome(),
                    decision.inputs());
        }
    }

    @GetMapping("/api/v1/vms/{id}/explain")
    ExplainView explain(@PathVariable UUID id) {
        VmRow vm = vms.findById(id).orElseThrow(() -> Problem.notFound("vm", id)).row();
        return new ExplainView(
                id,
                vm.hostId(),
                policies.of(id).spec().memory(),
                decisions.of(vm.hostId(), id).stream().map(DecisionView::of).toList());
    }

    @PostMapping("/agent/v1/decisions")
    @ResponseStatus(HttpStatus.NO_CONTENT)
    void decided(
            @RequestAttribute(Caller.ATTRIBUTE) Caller.Agent caller,
            @RequestBody DecisionReport report) {
        UUID hostId = caller.hostId();
        Set<UUID> known = presence.of(hostId).map(last -> last.vms().ids()).orElse(Set.of());
        List<VmDecision> worthTelling =
                decisions.take(hostId, report, known).stream()
                        .filter(decision -> decision.action() != VmDecision.Action.HOLD)
                        .filter(decision -> EVENTS.containsKey(decision.rule()))
                        .toList();
        if (!worthTelling.isEmpty()) {
            ledger.run(() -> worthTelling.forEach(decision -> tell(hostId, decision)));
        }
    }

    private void tell(UUID hostId, VmDecision decision) {
        String type = EVENTS.getOrDefault(decision.rule(), decision.rule());
        events.add(NewEvent.of(type, decision.reason()).host(hostId).vm(decision.vmId()));
    }
}
