package io.memfabric.agent.policy;

import io.memfabric.agent.policy.BalloonDecision.Action;
import io.memfabric.agent.policy.StallDetector.Inflation;
import io.memfabric.agent.policy.VmMemory.Usable;
import io.memfabric.contract.vocabulary.MemorySize;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/// Takes memory that guests do not use: slow to take, step by step, each step only when the one
/// before has been seen to be done, and half of what is left at most, so that the working set is met
/// gently.
public final class HarvestPolicy {

    /// Nothing is taken for so long after relief.
    static final Duration AFTER_RELIEF = Duration.ofSeconds(60);

    /// So little is taken at once.
    private static final long LAST_BIT = MemorySize.ofMib(64).bytes();

    private static final long UNIT = MemorySize.ofMib(1).bytes();

    /// 10 %: a process that waits for its host's memory so much has a host in trouble, whose guest
    /// cannot tell what its pages cost.
    private static final long HOST_WAITS_CENTIPERCENT = 1000;

    /// For a guest that did not follow.
    private static final Duration BACK_OFF = Duration.ofSeconds(60);

    private final BalloonRules rules;

    private final Set<Guard> guards;

    public HarvestPolicy(BalloonRules rules) {
        this(rules, Guard.ALL);
    }

    HarvestPolicy(BalloonRules rules, Set<Guard> guards) {
        this.rules = rules;
        this.guards = guards;
    }

    /// Decides for every VM of the snapshot. `before` is the state that [ReliefPolicy] left in this
    /// tick: a VM that got memory back is left alone.
    public BalloonPlan step(HostSnapshot snapshot, BalloonState before, Duration now) {
        List<BalloonDecision> decisions = new ArrayList<>(snapshot.vms().size());
        Map<UUID, BalloonState.Vm> changed = new HashMap<>();
        List<UUID> flagged = new ArrayList<>();
        for (VmMemory vm : snapshot.vms()) {
            BalloonState.Vm past = before.of(vm.vmId());
            Step step = step(vm, past, now);
            decisions.add(step.decision());
            if (!step.next().equals(past)) {
                changed.put(vm.vmId(), step.next());
            }
            if (step.decision().why() == Why.NOT_FOLLOWING) {
                flagged.add(vm.vmId());
            }
        }
        return new BalloonPlan(decisions, before.with(changed), flagged, 0);
    }

    private record Step(BalloonDecision decision, BalloonState.Vm next) {}

    private Step step(VmMemory vm, BalloonState.Vm past, Duration now) {
        Inflation inflation = past.inflation();
        if (inflation != null && guards.contains(Guard.STALLS)) {
            Inflation under = inflation.observed(vm.balloonBytes(), now);
            past = past.inflating(under);
            switch (StallDetector.of(under, vm.balloonBytes(), now)) {
                case ARRIVED -> past = past.inflating(null);
                case MOVING -> {
                    return hold(vm, past, Why.ON_THE_WAY);
                }
                case LEFT_OUT -> {
                    return hold(vm, past, Why.STALLED);
                }
                case FLAGGED -> {
                    return new Step(
                            BalloonDecision.to(
                                    vm, past, Action.RETREAT, vm.balloonBytes(), Why.NOT_FOLLOWING),
                            past.held(now.plus(BACK_OFF)));
                }
            }
        }
        Why alone = leftAlone(vm, past, now);
        if (alone != null) {
            return hold(vm, past, alone);
        }
        Usable usable = vm.usable();
        if (usable == null) {
            return hold(vm, past, Why.STALE);
        }
        boolean isBelieved = !past.trust().isDoubted(now) && !past.trust().isImpossible();
        return guards.contains(Guard.TRUST) && !isBelieved
                ? hold(vm, past, Why.WANTS_NO_HARVEST)
                : takeIdle(vm, past, usable, now);
    }

    private @Nullable Why leftAlone(VmMemory vm, BalloonState.Vm past, Duration now) {
        if (vm.excludedBecause() != null) {
            return Why.EXCLUDED;
        }
        if (!vm.terms().lends()) {
            return Why.LENDS_NOTHING;
        }
        if (vm.borrows()) {
            return Why.BORROWS;
        }
        Usable usable = vm.usable();
        if (guards.contains(Guard.STALENESS) && isStale(usable)) {
            return Why.STALE;
        }
        Duration relieved = past.relievedAt();
        if (guards.contains(Guard.QUIET_AFTER_RELIEF)
                && relieved != null
                && now.minus(relieved).compareTo(AFTER_RELIEF) < 0) {
            return Why.JUST_RELIEVED;
        }
        Duration held = past.heldUntil();
        if (held != null && now.compareTo(held) < 0) {
            return Why.UNCOOPERATIVE;
        }
        if (vm.backing().waitCentipercent() >= HOST_WAITS_CENTIPERCENT) {
            return Why.HOST_WAITS;
        }
        return past.distress().isUneasy(vm.strain(), now) ? Why.NOT_CALM : null;
    }

    private Step takeIdle(VmMemory vm, BalloonState.Vm past, Usable usable, Duration now) {
        // The guest's figure may be from before the balloon's latest move: it is set against the
        // largest size that it can belong to, so that nothing is taken twice.
        long base =
                guards.contains(Guard.NOTHING_TWICE)
                        ? past.largest(usable.age(), vm.balloonBytes(), now)
                        : vm.balloonBytes();
        long idle = usable.bytes() - past.keepBytes() - (base - vm.balloonBytes());
        long deadBand = BalloonRules.deadBand(vm);
        if (vm.balloonBytes() <= floor(vm) + deadBand) {
            return hold(vm, past, Why.AT_FLOOR);
        }
        if (idle >= deadBand && past.set().breathes(vm, idle, now)) {
            return hold(vm, past, Why.BREATHES);
        }
        if (idle >= deadBand) {
            return past.distress().isStrained()
                    ? hold(vm, past, Why.NOT_CALM)
                    : take(vm, past, idle, Why.IDLE, now);
        }
        if (idle > -deadBand
                && past.set().mayProbe(rules, vm, now)
                && !past.distress().isStrained()) {
            WorkingSet less = past.set().probed(rules, vm, now);
            long more = idle + past.set().keepBytes() - less.keepBytes();
            return more < deadBand
                    ? hold(vm, past.knowing(less), Why.NOTHING_IDLE)
                    : take(vm, past.knowing(less), more, Why.PROBING, now);
        }
        return hold(vm, past, Why.NOTHING_IDLE);
    }

    private Step take(VmMemory vm, BalloonState.Vm past, long idle, Why why, Duration now) {
        long bite = idle <= LAST_BIT ? idle : Math.max(LAST_BIT, idle / 2);
        long lowest = vm.balloonBytes() - Math.min(bite, rules.step().bytes());
        long unit = vm.backing().hugePages() ? BalloonRules.hugeStep(vm) : UNIT;
        long target = Math.ceilDiv(Math.max(floor(vm), lowest), unit) * unit;
        if (target >= vm.balloonBytes()) {
            return hold(vm, past, Why.NOTHING_IDLE);
        }
        return new Step(
                BalloonDecision.to(vm, past, Action.INFLATE, target, why),
                past.inflating(new Inflation(target, vm.balloonBytes(), now)));
    }

    private boolean isStale(@Nullable Usable usable) {
        return usable == null || usable.age().compareTo(rules.staleAfter()) > 0;
    }

    private long floor(VmMemory vm) {
        return guards.contains(Guard.FLOOR) ? rules.floorBytes(vm) : 0;
    }

    private static Step hold(VmMemory vm, BalloonState.Vm next, Why why) {
        return new Step(BalloonDecision.hold(vm, next, why), next);
    }
}
