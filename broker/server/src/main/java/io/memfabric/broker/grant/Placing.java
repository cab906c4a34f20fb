package io.memfabric.broker.grant;

import io.memfabric.broker.inventory.HostRow;
import io.memfabric.broker.inventory.Inventory;
import io.memfabric.broker.policy.LenderCandidate;
import io.memfabric.broker.policy.PlacementDecision;
import io.memfabric.broker.policy.PlacementPolicy;
import io.memfabric.broker.policy.PlacementRequest;
import io.memfabric.broker.policy.PlacementRules;
import io.memfabric.broker.web.Problem;
import io.memfabric.broker.web.ProblemCode;
import io.memfabric.contract.agent.VmReport;
import io.memfabric.contract.vocabulary.AttachMode;
import io.memfabric.contract.vocabulary.FabricLimits;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.UnaryOperator;
import org.springframework.stereotype.Component;

/// Decides where a wanted grant would go, on the fabric as it is now, and changes nothing.
@Component
class Placing {

    private final Inventory inventory;
    private final Shares shares;
    private final InstantSource clock;

    Placing(Inventory inventory, Shares shares, InstantSource clock) {
        this.inventory = inventory;
        this.shares = shares;
        this.clock = clock;
    }

    /// A decision and what it was made on.
    ///
    /// @param view the same for people
    record Decided(
            UUID borrowerId,
            int extents,
            Map<UUID, HostRow> hosts,
            PlacementDecision decision,
            PlacementView view) {}

    /// @throws Problem where the VM can have no grant at all
    Decided decide(GrantSpec spec) {
        return decide(spec, hosts -> hosts);
    }

    /// The same on a fabric that is a little other than it is.
    Decided decide(GrantSpec spec, UnaryOperator<List<LenderCandidate>> changed) {
        UUID borrowerId = borrower(spec);
        int extents = Math.toIntExact(Math.ceilDiv(spec.sizeBytes(), FabricLimits.REGION.bytes()));
        Map<UUID, HostRow> hosts = shares.hosts();
        PlacementRequest request =
                new PlacementRequest(borrowerId, extents, spec.copies(), spec.latencyClass());
        PlacementRules rules = inventory.placementRules();
        PlacementDecision decision =
                PlacementPolicy.place(
                        request,
                        rules,
                        changed.apply(shares.candidates(spec.vmId(), borrowerId, hosts)));
        return new Decided(
                borrowerId,
                extents,
                hosts,
                decision,
                PlacementView.of(clock.instant(), request, rules, decision));
    }

    private UUID borrower(GrantSpec spec) {
        Inventory.VmNow vm =
                inventory.vm(spec.vmId()).orElseThrow(() -> Problem.notFound("vm", spec.vmId()));
        if (!vm.reachable()) {
            throw new Problem(
                    ProblemCode.HOST_UNREACHABLE, "The VM's host has not been heard for a while.");
        }
        if (vm.state() != VmReport.State.RUNNING) {
            throw new Problem(ProblemCode.VM_NOT_RUNNING, "The VM is " + vm.state() + ".");
        }
        if (spec.attachMode() == AttachMode.SWAP && !vm.guestDaemon()) {
            throw new Problem(
                    ProblemCode.GUEST_DAEMON_MISSING,
                    "Mode SWAP needs the balloon daemon in the guest, and it was not heard.");
        }
        return vm.row().hostId();
    }
}
