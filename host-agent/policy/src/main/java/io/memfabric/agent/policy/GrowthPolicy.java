package io.memfabric.agent.policy;

import io.memfabric.agent.policy.BalloonDecision.Action;
import io.memfabric.agent.policy.GrowthState.Growth;
import io.memfabric.agent.policy.GrowthState.Stage;
import io.memfabric.agent.policy.VmMemory.Usable;
import io.memfabric.contract.vocabulary.FabricLimits;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// Lets a VM grow beyond its host: where its guest stays short of memory though its host has given
/// what it can, a remote grant is asked for, sized by demand; it is given back when the guest has
/// done without it for a while. A guest that needs it again soon after keeps it twice as long.
public final class GrowthPolicy {

    /// A guest without swap does not live long without memory.
    static final Duration SHORT_FOR = Duration.ofSeconds(3);

    /// One that runs out lives shorter still: as soon as it is no slip of a moment.
    static final Duration RUNNING_OUT_FOR = Duration.ofMillis(900);

    /// A grant takes some seconds to come: who has no more than this left at its pace needs it now.
    private static final Duration COMING = Duration.ofSeconds(8);

    /// For so long the first grant lasts a guest that goes on as it does.
    private static final Duration LASTING = Duration.ofSeconds(15);

    private static final long REGION = FabricLimits.REGION.bytes();
    private static final long PRESSED_CENTIPERCENT = 1000;

    private final BalloonRules rules;

    private final Supplier<UUID> ids;

    /// @param ids where the names of new requests come from
    public GrowthPolicy(BalloonRules rules, Supplier<UUID> ids) {
        this.rules = rules;
        this.ids = ids;
    }

    /// One VM, as far as its growth goes. Sizes in bytes.
    ///
    /// @param isRelievable whether its host can still give it memory
    /// @param growMaxBytes the most that its policy lets it grow; 0 for not at all
    /// @param swapTotalBytes all swap of its guest, or -1 where that is unknown
    /// @param swapFreeBytes what of it is free
    public record Sight(
            VmMemory vm,
            boolean isRelievable,
            long growMaxBytes,
            long swapTotalBytes,
            long swapFreeBytes) {}

    /// A tick's decisions and the state for the next tick.
    ///
    /// @param decisions what was decided, and why nothing was where a guest is short
    public record Plan(List<BalloonDecision> decisions, GrowthState state) {

        public Plan {
            decisions = List.copyOf(decisions);
        }
    }

    /// Decides for every VM; a VM that is gone is left to the broker, which knows it too.
    public Plan step(List<Sight> sights, GrowthState before, BalloonState balloons, Duration now) {
        List<BalloonDecision> decisions = new ArrayList<>();
        GrowthState state =
                before.retaining(
                        sights.stream()
                                .map(sight -> sight.vm().vmId())
                                .collect(Collectors.toSet()));
        for (Sight sight : sights) {
            UUID id = sight.vm().vmId();
            GrowthState.Vm past = before.of(id).having(supply(sight, before.of(id), now));
            Step step = step(sight, past.seen(isShort(sight, past), isCalm(sight, past), now), now);
            state = state.with(id, step.next());
            Why why = step.why();
            if (why != null) {
                decisions.add(decision(sight.vm(), balloons.of(id), why, step));
            }
        }
        return new Plan(decisions, state);
    }

    private record Step(GrowthState.Vm next, @Nullable Why why, Action action, long bytes) {

        static Step nothing(GrowthState.Vm next, @Nullable Why why) {
            return new Step(next, why, Action.HOLD, 0);
        }
    }

    private Step step(Sight sight, GrowthState.Vm past, Duration now) {
        if (past.isUnderWay()) {
            return Step.nothing(past, null);
        }
        Duration calm = past.calmSince();
        if (calm != null && now.minus(calm).compareTo(past.calmNeeded()) >= 0) {
            return new Step(
                    past.leaving(now), Why.GROWTH_RETURNED, Action.GIVE_BACK, past.heldBytes());
        }
        Duration since = past.shortSince();
        Duration enough = runsOut(sight, past) ? RUNNING_OUT_FOR : SHORT_FOR;
        if (since == null || now.minus(since).compareTo(enough) < 0) {
            return Step.nothing(past, null);
        }
        if (sight.growMaxBytes() == 0) {
            return Step.nothing(past, Why.GROWTH_OFF);
        }
        if (sight.isRelievable()) {
            return Step.nothing(past, Why.GROWTH_LOCAL_FIRST);
        }
        if (sight.vm().excludedBecause() != null) {
            return Step.nothing(past, Why.GROWTH_EXCLUDED);
        }
        if (now.compareTo(past.notBefore()) < 0) {
            return Step.nothing(past, Why.GROWTH_REFUSED);
        }
        long bytes = size(sight, past);
        return bytes < REGION
                ? Step.nothing(past, Why.GROWTH_LIMIT)
                : new Step(
                        past.asking(new Growth(ids.get(), bytes, Stage.WANTED), now),
                        Why.GROWTH,
                        Action.GROW,
                        bytes);
    }

    /// Twice what is missing now, or what goes at the guest's pace, a quarter of the VM at least; as
    /// much again as it has where that was not enough. Whole regions.
    private long size(Sight sight, GrowthState.Vm past) {
        VmMemory vm = sight.vm();
        Usable usable = vm.usable();
        long left = usable == null ? 0 : Math.max(0, usable.bytes());
        long missing = Math.max(0, rules.leastUsable(vm) - left);
        long demand = Math.max(2 * missing, past.supply().goesIn(LASTING));
        long wanted = Math.max(Math.max(demand, vm.ceilingBytes() / 4), past.heldBytes());
        long allowed = Math.max(0, sight.growMaxBytes() - past.heldBytes());
        return Math.min(Math.ceilDiv(wanted, REGION) * REGION, allowed / REGION * REGION);
    }

    private GrowthState.Supply supply(Sight sight, GrowthState.Vm past, Duration now) {
        Usable usable = sight.vm().usable();
        return usable == null
                ? past.supply()
                : past.supply()
                        .observed(
                                usable.bytes() + Math.max(0, sight.swapFreeBytes()),
                                now.minus(usable.age()));
    }

    /// Whether the guest needs more than it has, swap included.
    private boolean isShort(Sight sight, GrowthState.Vm past) {
        VmMemory vm = sight.vm();
        Usable usable = vm.usable();
        if (!isHeard(vm) || usable == null) {
            return false;
        }
        boolean pressed =
                vm.pressureCentipercent() >= PRESSED_CENTIPERCENT
                        && usable.bytes() < 2 * rules.leastUsable(vm);
        return runsOut(sight, past) || (pressed && !hasSwapLeft(sight));
    }

    /// Whether nothing will be left before a grant can be there.
    private boolean runsOut(Sight sight, GrowthState.Vm past) {
        VmMemory vm = sight.vm();
        Usable usable = vm.usable();
        if (!isHeard(vm) || usable == null) {
            return false;
        }
        long low = BalloonRules.lowWater(rules.leastUsable(vm));
        GrowthState.Supply supply = past.supply();
        return (usable.bytes() < low && !hasSwapLeft(sight))
                || supply.bytes() - supply.goesIn(COMING) < low;
    }

    private boolean isHeard(VmMemory vm) {
        Usable usable = vm.usable();
        return usable != null
                && usable.age().compareTo(rules.staleAfter()) <= 0
                && vm.strain() != null;
    }

    /// With swap that is free a guest waits, but does not run out.
    private static boolean hasSwapLeft(Sight sight) {
        return sight.swapFreeBytes() > Math.max(REGION / 2, sight.swapTotalBytes() / 4);
    }

    /// Whether what lies in its grants would fit into its memory, with as much to spare as keeps it
    /// from being short again.
    private boolean isCalm(Sight sight, GrowthState.Vm past) {
        VmMemory vm = sight.vm();
        Usable usable = vm.usable();
        if (past.growths().isEmpty()
                || usable == null
                || usable.age().compareTo(rules.staleAfter()) > 0
                || sight.swapTotalBytes() < 0) {
            return false;
        }
        long used = Math.max(0, sight.swapTotalBytes() - sight.swapFreeBytes());
        long spare = 2 * rules.leastUsable(vm) + vm.ceilingBytes() / 16;
        return usable.bytes() >= used + used / 8 + spare;
    }

    private static BalloonDecision decision(VmMemory vm, BalloonState.Vm past, Why why, Step step) {
        boolean back = step.action() == Action.GIVE_BACK;
        long with = vm.balloonBytes() + step.bytes();
        return new BalloonDecision(
                vm.vmId(),
                step.action(),
                back ? with : vm.balloonBytes(),
                back ? vm.balloonBytes() : with,
                why,
                Inputs.of(vm, past));
    }
}
