package io.memfabric.agent.policy;

import io.memfabric.agent.policy.BalloonDecision.Action;
import io.memfabric.agent.policy.StallDetector.Inflation;
import io.memfabric.agent.policy.VmMemory.Usable;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;

/// Balances memory inside a host: where it cannot give a guest what it needs, its neighbours' idle
/// memory goes there first, before anything comes from the fabric.
///
/// Who gives first is told by the idle-memory tax of VMware ESX (Waldspurger, OSDI 2002, 5.2): a
/// VM's shares per page, where an idle page costs four times what a used one does.
public final class NeighbourPolicy {

    /// A tax of 75 %: k = 1 / (1 - 0.75).
    private static final double IDLE_COST = 4;

    /// Need does not wait for small steps.
    private static final int STEPS_AT_ONCE = 4;

    private final BalloonRules rules;

    public NeighbourPolicy(BalloonRules rules) {
        this.rules = rules;
    }

    /// Takes what `given` could not give. VMs that themselves need memory do not appear.
    public BalloonPlan step(HostSnapshot snapshot, BalloonPlan given, Duration now) {
        Set<UUID> needy = new HashSet<>();
        given.decisions().forEach(decision -> needy.add(decision.vmId()));
        List<Giver> givers = new ArrayList<>();
        for (VmMemory vm : snapshot.vms()) {
            BalloonState.Vm past = given.state().of(vm.vmId());
            long idle = needy.contains(vm.vmId()) ? 0 : idle(vm, past, now);
            if (idle > 0) {
                givers.add(new Giver(vm, past, idle));
            }
        }
        givers.sort(Comparator.comparingDouble(Giver::sharesAPage));
        long missing = given.missingBytes();
        List<BalloonDecision> decisions = new ArrayList<>();
        Map<UUID, BalloonState.Vm> changed = new HashMap<>();
        for (Giver giver : givers) {
            long taken = Math.min(missing, giver.idle());
            if (taken > 0) {
                missing -= taken;
                VmMemory vm = giver.vm();
                long target = vm.balloonBytes() - taken;
                decisions.add(
                        BalloonDecision.to(
                                vm, giver.past(), Action.INFLATE, target, Why.NEIGHBOUR));
                changed.put(
                        vm.vmId(),
                        giver.past().inflating(new Inflation(target, vm.balloonBytes(), now)));
            }
        }
        return new BalloonPlan(decisions, given.state().with(changed), List.of(), missing);
    }

    /// What a neighbour can give without suffering; nothing where it is not known for certain.
    private long idle(VmMemory vm, BalloonState.Vm past, Duration now) {
        Usable usable = vm.usable();
        if (usable == null
                || usable.age().compareTo(rules.staleAfter()) > 0
                || vm.excludedBecause() != null
                || vm.borrows()
                || !vm.terms().lends()
                || past.inflation() != null
                || (past.heldUntil() != null && now.compareTo(past.heldUntil()) < 0)
                || past.trust().isDoubted(now)
                || past.distress().isStrained()) {
            return 0;
        }
        long base = past.largest(usable.age(), vm.balloonBytes(), now);
        long idle = usable.bytes() - past.keepBytes() - (base - vm.balloonBytes());
        long aboveFloor = vm.balloonBytes() - rules.floorBytes(vm);
        return Math.min(Math.min(idle, aboveFloor), STEPS_AT_ONCE * rules.step().bytes());
    }

    private record Giver(VmMemory vm, BalloonState.Vm past, long idle) {

        double sharesAPage() {
            double idleShare = Math.min(1, (double) idle / vm.balloonBytes());
            return vm.terms().weight()
                    / (vm.balloonBytes() * (1 - idleShare + IDLE_COST * idleShare));
        }
    }
}
