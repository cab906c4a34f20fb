package io.memfabric.simulation;

import io.memfabric.agent.policy.BalloonDecision;
import io.memfabric.agent.policy.BalloonPlan;
import io.memfabric.agent.policy.BalloonRules;
import io.memfabric.agent.policy.BalloonState;
import io.memfabric.agent.policy.HarvestPolicy;
import io.memfabric.agent.policy.HostSnapshot;
import io.memfabric.agent.policy.NeighbourPolicy;
import io.memfabric.agent.policy.ReliefPolicy;
import io.memfabric.contract.vocabulary.MemorySize;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import java.util.UUID;

/// The agent's own policies, tied together as its loop does it.
final class ProductionRule implements Rule {

    /// The agent's defaults.
    static final BalloonRules RULES =
            new BalloonRules(MemorySize.ofMib(256), MemorySize.ofMib(128), MemorySize.ofMib(128));

    private final ReliefPolicy relief = new ReliefPolicy(RULES);
    private final HarvestPolicy harvest = new HarvestPolicy(RULES);
    private final NeighbourPolicy neighbours = new NeighbourPolicy(RULES);
    private long[] urgentBelow = {};
    private BalloonState state = BalloonState.EMPTY;
    private double lastTick = -1;

    @Override
    public void tick(SimulatedHost host, int second) {
        decide(host, second, second);
    }

    @Override
    public void heard(SimulatedHost host, int vm, int second, double part) {
        double now = second + part;
        if (now - lastTick >= 0.2 && host.daemonBytes(vm) < urgentBelow[vm]) {
            decide(host, second, now);
        }
    }

    private void decide(SimulatedHost host, int second, double at) {
        lastTick = at;
        HostSnapshot snapshot = host.snapshot(second, at);
        Duration now = Duration.ofMillis(Math.round(at * 1000));
        BalloonPlan given = relief.step(snapshot, state, now);
        BalloonPlan moved = neighbours.step(snapshot, given, now);
        BalloonPlan taken = harvest.step(snapshot, moved.state(), now);
        state = taken.state();
        urgentBelow = new long[snapshot.vms().size()];
        for (int vm = 0; vm < urgentBelow.length; vm++) {
            urgentBelow[vm] = relief.urgentBelow(snapshot.vms().get(vm), state);
        }
        Set<UUID> relieved = new HashSet<>();
        for (BalloonDecision decision : given.decisions()) {
            relieved.add(decision.vmId());
            carryOut(host, decision);
        }
        moved.decisions().forEach(decision -> carryOut(host, decision));
        for (BalloonDecision decision : taken.decisions()) {
            if (!relieved.contains(decision.vmId())) {
                carryOut(host, decision);
            }
        }
    }

    private static void carryOut(SimulatedHost host, BalloonDecision decision) {
        if (decision.changesTarget()) {
            int vm = (int) decision.vmId().getLeastSignificantBits();
            host.guests().get(vm).target(Mib.of(decision.targetBytes()));
        }
    }
}
