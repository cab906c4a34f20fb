package io.memfabric.agent.policy;

import io.memfabric.agent.policy.BalloonDecision.Action;
import io.memfabric.agent.policy.BalloonState.Inflation;
import io.memfabric.agent.policy.VmMemory.Usable;
import io.memfabric.contract.vocabulary.MemorySize;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/// Takes memory that guests do not use: slow to take, step by step, each step only when the one
/// before has been seen to be done.
public final class HarvestPolicy {

    /// Less than this is not worth a balloon's move.
    private static final long DEAD_BAND = MemorySize.ofMib(16).bytes();

    private static final long UNIT = MemorySize.ofMib(1).bytes();

    /// After relief, and for a guest that did not follow.
    private static final Duration BACK_OFF = Duration.ofSeconds(60);

    /// A guest that comes no nearer to its target for so long cannot spare what was asked for.
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    /// Statistics are a little older than the look that first saw them, but not older than the look
    /// before. The size that was seen then is not below the one that they belong to.
    private static final Duration LAG = Duration.ofMillis(200);

    /// A guest that waits for memory 2 % of the time is not idle.
    private static final long CALM_CENTIPERCENT = 200;

    private final BalloonRules rules;

    public HarvestPolicy(BalloonRules rules) {
        this.rules = rules;
    }

    /// Decides for every VM of the snapshot. `before` is the state that [ReliefPolicy] left in this
    /// tick: a VM that got memory back is left alone.
    public BalloonPlan step(HostSnapshot snapshot, BalloonState before, Duration now) {
        List<BalloonDecision> decisions = new ArrayList<>();
        Map<UUID, BalloonState.Vm> changed = new HashMap<>();
        for (VmMemory vm : snapshot.vms()) {
            Step step = step(vm, before.of(vm.vmId()), now);
            decisions.add(step.decision());
            changed.put(vm.vmId(), step.next());
        }
        return new BalloonPlan(decisions, before.with(changed));
    }

    private record Step(BalloonDecision decision, BalloonState.Vm next) {}

    private Step step(VmMemory vm, BalloonState.Vm past, Duration now) {
        Inflation inflation = past.inflation();
        if (inflation != null) {
            if (vm.balloonBytes() > inflation.targetBytes() + UNIT) {
                return follow(vm, past, inflation, now);
            }
            past = past.inflating(null);
        }
        String excluded = vm.excludedBecause();
        if (excluded != null) {
            return hold(vm, past, "left alone: " + excluded);
        }
        if (vm.borrows()) {
            return hold(vm, past, "left alone: it holds a grant");
        }
        Usable usable = vm.usable();
        if (usable == null || usable.age().compareTo(rules.staleAfter()) > 0) {
            return hold(vm, past, "left alone: its statistics are stale");
        }
        Duration relieved = past.relievedAt();
        if (relieved != null && now.minus(relieved).compareTo(BACK_OFF) < 0) {
            return hold(vm, past, "left alone: it got memory back a moment ago");
        }
        Duration held = past.heldUntil();
        if (held != null && now.compareTo(held) < 0) {
            return hold(vm, past, "left alone: it did not follow its balloon");
        }
        if (vm.pressureCentipercent() > CALM_CENTIPERCENT) {
            return hold(vm, past, "left alone: its guest waits for memory");
        }
        return take(vm, past, usable, now);
    }

    private Step take(VmMemory vm, BalloonState.Vm past, Usable usable, Duration now) {
        // The guest's figure may be from before the balloon's latest move: it is set against the
        // largest size that it can belong to, so that nothing is taken twice.
        long base = past.largestSince(now.minus(usable.age()).minus(LAG), vm.balloonBytes());
        long idle = usable.bytes() - rules.headroom().bytes();
        long ideal = Math.max(rules.floor().bytes(), base - idle);
        long target = roundedUp(Math.max(ideal, vm.balloonBytes() - rules.step().bytes()));
        if (idle <= 0 || ideal > vm.balloonBytes() - DEAD_BAND || target >= vm.balloonBytes()) {
            return hold(
                    vm,
                    past,
                    vm.balloonBytes() <= rules.floor().bytes() + DEAD_BAND
                            ? "it is at its floor"
                            : "it has nothing idle");
        }
        return new Step(
                new BalloonDecision(
                        vm.vmId(),
                        Action.INFLATE,
                        vm.balloonBytes(),
                        target,
                        "its guest can use "
                                + usable.bytes() / UNIT
                                + " MiB more than it does; "
                                + rules.headroom().bytes() / UNIT
                                + " MiB stay"),
                past.inflating(new Inflation(target, vm.balloonBytes(), now)));
    }

    private Step follow(VmMemory vm, BalloonState.Vm past, Inflation under, Duration now) {
        if (vm.balloonBytes() < under.lastBytes()) {
            return hold(
                    vm,
                    past.inflating(new Inflation(under.targetBytes(), vm.balloonBytes(), now)),
                    "its balloon is on the way");
        }
        if (now.minus(under.lastProgress()).compareTo(PATIENCE) < 0) {
            return hold(vm, past, "its balloon is on the way");
        }
        return new Step(
                new BalloonDecision(
                        vm.vmId(),
                        Action.RETREAT,
                        vm.balloonBytes(),
                        vm.balloonBytes(),
                        "its guest does not follow: the target goes back to what it has"),
                past.held(now.plus(BACK_OFF)));
    }

    private static Step hold(VmMemory vm, BalloonState.Vm next, String reason) {
        return new Step(BalloonDecision.hold(vm, reason), next);
    }

    private static long roundedUp(long bytes) {
        return Math.ceilDiv(bytes, UNIT) * UNIT;
    }
}
