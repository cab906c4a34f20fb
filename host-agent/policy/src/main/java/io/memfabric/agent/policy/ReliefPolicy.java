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
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// Gives memory back to guests that need it, in every mode and without asking anybody: quick to
/// give. Bounded only by what the host has.
public final class ReliefPolicy {

    /// A guest that thrashes cannot even report; one that was heard and fell silent while memory is
    /// taken from it is given the benefit of the doubt.
    private static final Duration SILENT = Duration.ofSeconds(20);

    private static final long LARGE_STEP = MemorySize.ofMib(512).bytes();

    /// A guest that wakes up goes on taking while its memory comes.
    private static final long FIRST_HELP = MemorySize.ofMib(128).bytes();

    /// What the host keeps for itself, whatever its guests need.
    private static final long HOST_MARGIN = MemorySize.ofMib(64).bytes();

    private final BalloonRules rules;

    private final Set<Guard> guards;

    public ReliefPolicy(BalloonRules rules) {
        this(rules, Guard.ALL);
    }

    ReliefPolicy(BalloonRules rules, Set<Guard> guards) {
        this.rules = rules;
        this.guards = guards;
    }

    /// The usable memory below which a guest's word cannot wait for the next tick; 0 where nothing
    /// can be given back.
    public long urgentBelow(VmMemory vm, BalloonState state) {
        return vm.relievable() && vm.isInflated()
                ? BalloonRules.lowWater(state.of(vm.vmId()).keepBytes())
                : 0;
    }

    /// Decides for every VM that needs memory back; the others do not appear in the plan.
    public BalloonPlan step(HostSnapshot snapshot, BalloonState before, Duration now) {
        BalloonState state = before.observed(snapshot, rules, now);
        List<Need> needs = new ArrayList<>();
        for (VmMemory vm : snapshot.vms()) {
            Need need =
                    vm.relievable() && vm.isInflated() ? need(vm, state.of(vm.vmId()), now) : null;
            if (need != null) {
                needs.add(need);
            }
        }
        needs.sort(Comparator.comparingDouble(Need::order));
        long budget =
                Math.max(0, snapshot.availableBytes() + snapshot.dissolvableBytes() - HOST_MARGIN);
        List<BalloonDecision> decisions = new ArrayList<>();
        Map<UUID, BalloonState.Vm> changed = new HashMap<>();
        Map<UUID, Long> shares = shares(needs, budget);
        long missing = 0;
        for (Need need : needs) {
            VmMemory vm = need.vm();
            long given = shares.getOrDefault(vm.vmId(), 0L);
            missing += Math.max(0, Math.min(need.wanted(), need.missingNow()) - given);
            changed.put(vm.vmId(), need.next());
            decisions.add(decision(need, given));
        }
        return new BalloonPlan(decisions, state.with(changed), List.of(), missing);
    }

    private static BalloonDecision decision(Need need, long given) {
        VmMemory vm = need.vm();
        if (given == 0) {
            return BalloonDecision.hold(vm, need.next(), Why.HOST_EMPTY);
        }
        Why why = given < need.wanted() ? Why.HOST_SHORT : need.why();
        long target = vm.balloonBytes() + given;
        return BalloonDecision.to(vm, need.next(), Action.DEFLATE, target, why);
    }

    /// Everybody gets what is missing now before anybody gets what may be missing next.
    private static Map<UUID, Long> shares(List<Need> needs, long budget) {
        Map<UUID, Long> shares = HashMap.newHashMap(needs.size());
        long left = budget;
        for (Need need : needs) {
            long now = Math.min(left, Math.min(need.wanted(), need.missingNow()));
            shares.put(need.vm().vmId(), now);
            left -= now;
        }
        for (Need need : needs) {
            long has = shares.getOrDefault(need.vm().vmId(), 0L);
            long more = Math.min(left, need.wanted() - has);
            shares.put(need.vm().vmId(), has + more);
            left -= more;
        }
        return shares;
    }

    private @Nullable Need need(VmMemory vm, BalloonState.Vm past, Duration now) {
        Usable usable = vm.usable();
        long missing = vm.ceilingBytes() - vm.balloonBytes();
        if (!vm.terms().lends()) {
            return new Need(vm, missing, Why.NOT_TO_LEND, past.relieved(now));
        }
        long belowFloor = Math.min(missing, rules.floorBytes(vm) - vm.balloonBytes());
        if (belowFloor > 0) {
            return new Need(vm, belowFloor, Why.BELOW_FLOOR, past.relieved(now));
        }
        long large = Math.min(missing, Math.max(LARGE_STEP, missing / 2));
        if (past.distress().isPressed(vm.strain(), now)) {
            return new Need(vm, large, Why.PRESSED, past.relieved(now));
        }
        if (usable == null) {
            return null;
        }
        if (usable.age().compareTo(SILENT) > 0) {
            return new Need(vm, large, Why.SILENT, past.relieved(now));
        }
        if (usable.age().compareTo(rules.staleAfter()) > 0) {
            return null;
        }
        long keep = past.owedBytes(now);
        if (usable.bytes() < BalloonRules.lowWater(keep)) {
            WorkingSet set = past.set().surged(keep - usable.bytes(), vm.ceilingBytes());
            return new Need(vm, large, Why.NEARLY_OUT, past.relieved(now).knowing(set));
        }
        if (guards.contains(Guard.TRUST) && past.trust().isDoubted(now)) {
            // Nothing can be known of a guest that was caught, so nothing of it is kept.
            return new Need(vm, large, Why.DISTRUSTED, past.relieved(now));
        }
        return little(vm, past, usable.bytes(), now);
    }

    /// Where nothing is urgent: as much as was taken too much.
    private @Nullable Need little(VmMemory vm, BalloonState.Vm past, long usable, Duration now) {
        long missing = vm.ceilingBytes() - vm.balloonBytes();
        if (guards.contains(Guard.PROBES_GIVE_BACK)
                && past.distress().lasts(now)
                && !past.set().heals(now)
                && !wasRelievedLately(past, now)) {
            WorkingSet set = past.set().hurt(vm, usable, now);
            BalloonState.Vm next = past.inflating(null).knowing(set);
            long back = Math.min(missing, Math.max(0, next.keepBytes() - usable));
            return back == 0 ? null : new Need(vm, back, Why.HURT, next);
        }
        long keep = past.owedBytes(now);
        if (usable < BalloonRules.driftWater(keep)) {
            BalloonState.Vm next = past.inflating(null).knowing(past.set().drifted(now));
            return new Need(vm, Math.min(missing, keep - usable), Why.DRIFTED, next);
        }
        return null;
    }

    private static boolean wasRelievedLately(BalloonState.Vm past, Duration now) {
        Duration at = past.relievedAt();
        return at != null && now.minus(at).compareTo(HarvestPolicy.AFTER_RELIEF) < 0;
    }

    /// @param next the VM's state once it has got what it needs
    private record Need(VmMemory vm, long wanted, Why why, BalloonState.Vm next) {

        long missingNow() {
            Usable usable = vm.usable();
            long left = usable == null ? 0 : usable.bytes();
            return Math.max(0, next.keepBytes() - left) + FIRST_HELP;
        }

        /// The neediest first, by weight; who was caught or does not follow comes last.
        double order() {
            Usable usable = vm.usable();
            double left = usable == null ? 0 : usable.bytes();
            boolean last = next.trust().doubtedUntil() != null || next.heldUntil() != null;
            return (last ? Double.MAX_VALUE / 2 : 0) + left / Math.max(1, vm.terms().weight());
        }
    }
}
