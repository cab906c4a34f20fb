package io.memfabric.agent.balloon;

import io.memfabric.agent.guest.GuestHint;
import io.memfabric.agent.guest.Guests;
import io.memfabric.agent.hypervisor.Hypervisor;
import io.memfabric.agent.hypervisor.HypervisorException;
import io.memfabric.agent.hypervisor.VirtualMachine;
import io.memfabric.agent.lending.Lending;
import io.memfabric.agent.policy.BalloonDecision;
import io.memfabric.agent.policy.BalloonDecision.Action;
import io.memfabric.agent.policy.BalloonPlan;
import io.memfabric.agent.policy.BalloonRules;
import io.memfabric.agent.policy.BalloonState;
import io.memfabric.agent.policy.GrowthPolicy;
import io.memfabric.agent.policy.HarvestPolicy;
import io.memfabric.agent.policy.HostSnapshot;
import io.memfabric.agent.policy.NeighbourPolicy;
import io.memfabric.agent.policy.ReliefPolicy;
import io.memfabric.agent.policy.VmMemory;
import io.memfabric.agent.policy.VmMemory.Backing;
import io.memfabric.contract.agent.VmPolicy;
import io.memfabric.contract.vocabulary.HarvestMode;
import java.io.IOException;
import java.lang.System.Logger.Level;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// One look a second at the host and its VMs: relief first, then harvest, then lending. Nothing in it
/// waits for a network.
public final class BalloonLoop {

    private static final System.Logger LOG = System.getLogger(BalloonLoop.class.getName());

    private final Parts parts;
    private final ReliefPolicy relief;
    private final NeighbourPolicy neighbours;
    private final HarvestPolicy harvest;
    private final BalloonMoves moves;
    private final LendingBound lending;
    private final Needs needs = new Needs();
    private final Outlook outlook;
    private final StatisticsAge ages = new StatisticsAge();
    private final DecisionLog decisions = new DecisionLog();
    private final long startedAt = System.nanoTime();
    private BalloonState state = BalloonState.EMPTY;
    private List<SeenVm> lastSeen = List.of();
    private String hypervisorProblem = "";
    private boolean everReached;
    private volatile @Nullable HostView view;

    /// What the loop works with.
    ///
    /// @param borrows whether a VM holds a grant
    /// @param reserveBytes host memory that is never lent
    public record Parts(
            Hypervisor hypervisor,
            Guests guests,
            HostEyes host,
            Lending lending,
            Directives directives,
            Function<UUID, VmPolicy> policies,
            Growth growth,
            Predicate<UUID> borrows,
            BalloonRules rules,
            long reserveBytes) {}

    public BalloonLoop(Parts parts) {
        this.parts = parts;
        this.relief = new ReliefPolicy(parts.rules());
        this.neighbours = new NeighbourPolicy(parts.rules());
        this.harvest = new HarvestPolicy(parts.rules());
        this.outlook = new Outlook(parts.rules());
        this.moves = new BalloonMoves(parts.hypervisor(), parts.guests());
        this.lending = new LendingBound(parts.lending(), parts.reserveBytes());
    }

    /// What the last tick saw; null before the first one.
    public @Nullable HostView view() {
        return view;
    }

    /// The explained decisions.
    public DecisionLog decisions() {
        return decisions;
    }

    /// Notes that a guest has just reported; any thread.
    public void guestSpoke(UUID vmId) {
        parts.guests().hint(vmId).ifPresent(hint -> needs.said(vmId, hint.availableBytes()));
    }

    /// Waits for the next tick's time, or until a guest needs memory before.
    public void awaitNeed(Duration longest) throws InterruptedException {
        needs.await(longest);
    }

    /// Looks, decides and acts once. Never throws for what the world does.
    public void tick() {
        HostEyes.Memory host;
        try {
            host = parts.host().memory();
        } catch (IOException e) {
            LOG.log(Level.ERROR, "the host's memory cannot be read: {0}", e.getMessage());
            return;
        }
        Duration now = Duration.ofNanos(System.nanoTime() - startedAt);
        List<SeenVm> seen;
        boolean reachable = true;
        try {
            seen = look(now);
            hypervisorProblem = "";
            everReached = true;
        } catch (HypervisorException e) {
            if (!e.code().equals(hypervisorProblem)) {
                // Before the first connection its own tries tell more.
                LOG.log(
                        everReached ? Level.WARNING : Level.DEBUG,
                        "{0}: {1}",
                        e.code(),
                        e.getMessage());
            }
            hypervisorProblem = e.code();
            reachable = false;
            seen = lastSeen;
        }
        lastSeen = seen;
        HarvestMode mode = parts.directives().mode();
        Map<UUID, Long> targets = reachable ? moveBalloons(seen, host, mode, now) : Map.of();
        long harvested = 0;
        for (SeenVm vm : seen) {
            long balloon = vm.machine().balloonBytes();
            harvested += vm.freedBytes(Math.max(balloon, targets.getOrDefault(vm.id(), balloon)));
        }
        boolean mayGrow = reachable && mode == HarvestMode.HARVEST && parts.directives().isFresh();
        lending.apply(
                host.availableBytes(), harvested, parts.directives().lendLimitBytes(), mayGrow);
        view = view(seen, host, mode, harvested, reachable);
    }

    private List<SeenVm> look(Duration now) throws HypervisorException {
        List<VirtualMachine> machines = parts.hypervisor().machines();
        Set<UUID> ids = machines.stream().map(VirtualMachine::id).collect(Collectors.toSet());
        ages.retain(ids);
        decisions.retain(ids);
        parts.host().retain(ids);
        long wallSeconds = Instant.now().getEpochSecond();
        List<SeenVm> seen = new ArrayList<>(machines.size());
        for (VirtualMachine machine : machines) {
            VirtualMachine.BalloonStatistics statistics = machine.statistics();
            GuestHint hint = parts.guests().hint(machine.id()).orElse(null);
            seen.add(
                    SeenVm.of(
                            machine,
                            statistics == null
                                    ? null
                                    : ages.of(
                                            machine.id(),
                                            statistics.lastUpdateSeconds(),
                                            wallSeconds,
                                            now),
                            hint,
                            machine.state() == VirtualMachine.State.OFF
                                    ? 0
                                    : parts.host().residentBytes(machine.id(), machine.maxBytes()),
                            parts.borrows().test(machine.id()),
                            machine.state() == VirtualMachine.State.OFF
                                    ? Backing.USUAL
                                    : parts.host().backing(machine.id())));
        }
        return seen;
    }

    /// Decides and acts; answers the balloon sizes that were given back.
    private Map<UUID, Long> moveBalloons(
            List<SeenVm> seen, HostEyes.Memory host, HarvestMode mode, Duration now) {
        HostSnapshot snapshot =
                new HostSnapshot(
                        host.availableBytes(),
                        lending.dissolvableBytes(),
                        seen.stream()
                                .filter(vm -> vm.machine().state() != VirtualMachine.State.OFF)
                                .map(vm -> vm.forPolicy(parts.policies().apply(vm.id())))
                                .toList());
        outlook.look(snapshot, now);
        BalloonPlan given = relief.step(snapshot, state, now);
        boolean take = mode == HarvestMode.HARVEST && parts.directives().isFresh();
        BalloonPlan moved = take ? neighbours.step(snapshot, given, now) : given;
        BalloonPlan taken = harvest.step(snapshot, moved.state(), now);
        state = take ? taken.state() : given.state();
        Map<UUID, Long> urgentBelow = new HashMap<>();
        for (VmMemory vm : snapshot.vms()) {
            urgentBelow.put(vm.vmId(), relief.urgentBelow(vm, state));
        }
        needs.thresholds(urgentBelow);

        Map<UUID, Long> targets = new HashMap<>();
        long needed = 0;
        for (BalloonDecision decision : given.decisions()) {
            if (decision.action() == Action.DEFLATE) {
                targets.put(decision.vmId(), decision.targetBytes());
                needed += decision.targetBytes() - decision.fromBytes();
            }
        }
        if (needed > 0) {
            lending.makeRoom(needed, host.availableBytes());
        }
        List<BalloonDecision> toMove = new ArrayList<>(given.decisions());
        String notTaken = mode == HarvestMode.HARVEST ? "the broker is silent" : "observed only";
        if (take) {
            toMove.addAll(moved.decisions());
            taken.flagged().forEach(BalloonLoop::flag);
        }
        Set<UUID> decided = toMove.stream().map(BalloonDecision::vmId).collect(Collectors.toSet());
        for (BalloonDecision decision : taken.decisions()) {
            if (decided.contains(decision.vmId())) {
                continue;
            }
            if (take || !decision.changesTarget()) {
                toMove.add(decision);
            } else {
                note(decision, notTaken);
            }
        }
        moves.carryOut(toMove, this::note);
        grow(seen, snapshot, given);
        return targets;
    }

    /// Asks for remote memory where the host has none left to give. In every mode: what is taken is
    /// another thing.
    private void grow(List<SeenVm> seen, HostSnapshot snapshot, BalloonPlan given) {
        Set<UUID> unserved =
                given.decisions().stream()
                        .filter(decision -> decision.why().isHostShort())
                        .map(BalloonDecision::vmId)
                        .collect(Collectors.toSet());
        Map<UUID, SeenVm> byId = new HashMap<>();
        seen.forEach(vm -> byId.put(vm.id(), vm));
        List<GrowthPolicy.Sight> sights = new ArrayList<>();
        for (VmMemory vm : snapshot.vms()) {
            SeenVm seenVm = byId.get(vm.vmId());
            if (seenVm != null) {
                sights.add(
                        seenVm.forGrowth(
                                vm,
                                !unserved.contains(vm.vmId()),
                                parts.policies().apply(vm.vmId()).growMaxBytes()));
            }
        }
        for (BalloonDecision decision : parts.growth().decide(sights, state)) {
            note(decision, decision.changesTarget() ? DecisionLog.DONE : "nothing to do");
        }
    }

    private static void flag(UUID vmId) {
        LOG.log(
                Level.WARNING,
                "guest_uncooperative: {0} has not followed its balloon for 20 s",
                vmId);
    }

    private void note(BalloonDecision decision, String outcome) {
        if (decisions.note(Instant.now(), decision, outcome)) {
            LOG.log(
                    decision.changesTarget() ? Level.INFO : Level.DEBUG,
                    "{0} {1}: {2} -> {3} MiB, {4} ({5}); unless: {6}",
                    decision.action(),
                    decision.vmId(),
                    decision.fromBytes() >> 20,
                    decision.targetBytes() >> 20,
                    decision.reason(),
                    outcome,
                    decision.unless());
        }
    }

    private HostView view(
            List<SeenVm> seen,
            HostEyes.Memory host,
            HarvestMode mode,
            long harvested,
            boolean reachable) {
        return new HostView(
                mode,
                lending.report(host, harvested),
                seen.stream().map(vm -> vm.report(reachable)).toList(),
                seen.stream().map(SeenVm::machine).toList(),
                outlook.forecast(),
                reachable);
    }
}
