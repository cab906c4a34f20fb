package io.memfabric.agent.policy;

import io.memfabric.agent.policy.BalloonDecision.Action;
import io.memfabric.agent.policy.VmMemory.Usable;
import io.memfabric.contract.vocabulary.MemorySize;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// Gives memory back to guests that need it, in every mode and without asking anybody: quick to
/// give. Bounded only by what the host has.
public final class ReliefPolicy {

    /// PSI `some avg10`, 10 %: systemd-oomd acts at 60 %, which is too late for memory of its own.
    private static final long PRESSURE_CENTIPERCENT = 1000;

    /// A guest that thrashes cannot even report; one that was heard and fell silent while memory is
    /// taken from it is given the benefit of the doubt.
    private static final Duration SILENT = Duration.ofSeconds(20);

    private static final long LARGE_STEP = MemorySize.ofMib(512).bytes();

    /// What the host keeps for itself, whatever its guests need.
    private static final long HOST_MARGIN = MemorySize.ofMib(64).bytes();

    private final BalloonRules rules;

    public ReliefPolicy(BalloonRules rules) {
        this.rules = rules;
    }

    /// Decides for every VM that needs memory back; the others do not appear in the plan.
    public BalloonPlan step(HostSnapshot snapshot, BalloonState before, Duration now) {
        BalloonState state = before.observed(snapshot, now);
        List<Need> needs = new ArrayList<>();
        for (VmMemory vm : snapshot.vms()) {
            String why = vm.relievable() && vm.isInflated() ? why(vm) : null;
            if (why != null) {
                needs.add(new Need(vm, why));
            }
        }
        needs.sort(Comparator.comparingLong(Need::usableBytes));
        long budget =
                Math.max(0, snapshot.availableBytes() + snapshot.dissolvableBytes() - HOST_MARGIN);
        List<BalloonDecision> decisions = new ArrayList<>();
        Map<UUID, BalloonState.Vm> changed = new HashMap<>();
        for (Need need : needs) {
            VmMemory vm = need.vm();
            long missing = vm.ceilingBytes() - vm.balloonBytes();
            long wanted = Math.min(missing, Math.max(LARGE_STEP, missing / 2));
            long given = Math.min(wanted, budget);
            budget -= given;
            changed.put(vm.vmId(), state.of(vm.vmId()).relieved(now));
            decisions.add(decision(vm, given, wanted, need.why()));
        }
        return new BalloonPlan(decisions, state.with(changed));
    }

    private static BalloonDecision decision(VmMemory vm, long given, long wanted, String why) {
        if (given == 0) {
            return BalloonDecision.hold(vm, why + "; the host has nothing left to give");
        }
        return new BalloonDecision(
                vm.vmId(),
                Action.DEFLATE,
                vm.balloonBytes(),
                vm.balloonBytes() + given,
                given < wanted ? why + "; the host is short and gives what it has" : why);
    }

    private @Nullable String why(VmMemory vm) {
        if (vm.pressureCentipercent() > PRESSURE_CENTIPERCENT) {
            return "the guest waits for memory "
                    + vm.pressureCentipercent() / 100
                    + " % of the time";
        }
        Usable usable = vm.usable();
        if (usable == null) {
            return null;
        }
        if (usable.age().compareTo(SILENT) > 0) {
            return "the guest has been silent for " + usable.age().toSeconds() + " s";
        }
        if (usable.age().compareTo(rules.staleAfter()) <= 0
                && usable.bytes() < rules.lowWaterBytes()) {
            return "the guest can use only " + usable.bytes() / 1024 + " KiB more";
        }
        return null;
    }

    private record Need(VmMemory vm, String why) {
        long usableBytes() {
            Usable usable = vm.usable();
            return usable == null ? 0 : usable.bytes();
        }
    }
}
