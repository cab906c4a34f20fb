package io.memfabric.agent.policy;

import static io.memfabric.agent.policy.BalloonCases.RULES;
import static io.memfabric.agent.policy.BalloonCases.mib;
import static org.assertj.core.api.Assertions.assertThat;

import io.memfabric.agent.policy.BalloonDecision.Action;
import io.memfabric.agent.policy.SimulatedGuest.Kind;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/// The production policies against simulated guests, good and bad, with random lives.
final class BalloonPolicyProperties {

    private static final int SEEDS = 300;
    private static final int SECONDS = 180;

    private interface Check {
        void on(World world, HostSnapshot seen, List<BalloonDecision> decisions);
    }

    /// A host with a guest of each kind.
    private static final class World {
        final long seed;
        final Random random;
        final List<SimulatedGuest> guests = new ArrayList<>();
        final ReliefPolicy relief = new ReliefPolicy(RULES);
        final HarvestPolicy harvest = new HarvestPolicy(RULES);
        BalloonState state = BalloonState.EMPTY;
        long available = mib(8192);
        int second;

        World(long seed) {
            this.seed = seed;
            this.random = new Random(seed);
            for (Kind kind : Kind.values()) {
                guests.add(new SimulatedGuest(new UUID(0, guests.size()), kind, random));
            }
        }

        SimulatedGuest guest(UUID id) {
            return guests.get((int) id.getLeastSignificantBits());
        }

        void second(boolean harvesting, Check check) {
            second++;
            for (int step = 0; step < 10; step++) {
                guests.forEach(SimulatedGuest::step);
            }
            Duration now = Duration.ofSeconds(second);
            HostSnapshot seen =
                    new HostSnapshot(
                            available, 0, guests.stream().map(SimulatedGuest::seen).toList());
            BalloonPlan given = relief.step(seen, state, now);
            BalloonPlan taken = harvest.step(seen, given.state(), now);
            state = harvesting ? taken.state() : given.state();
            List<BalloonDecision> decisions = new ArrayList<>(given.decisions());
            if (harvesting) {
                decisions.addAll(
                        taken.decisions().stream().filter(BalloonDecision::changesTarget).toList());
            }
            check.on(this, seen, decisions);
            decisions.stream()
                    .filter(BalloonDecision::changesTarget)
                    .forEach(d -> guest(d.vmId()).target(d.targetBytes()));
        }

        String where() {
            return "seed " + seed + ", second " + second;
        }
    }

    private static void everySecondOfRandomLives(Check check) {
        for (long seed = 0; seed < SEEDS; seed++) {
            World world = new World(seed);
            for (int second = 0; second < SECONDS; second++) {
                for (SimulatedGuest guest : world.guests) {
                    if (world.random.nextInt(20) == 0) {
                        guest.use(mib(world.random.nextInt(10, 400)));
                    }
                }
                world.available = mib(world.random.nextInt(0, 2000));
                world.second(world.random.nextInt(50) != 0, check);
            }
        }
    }

    @Test
    void takesNothingBelowTheFloor() {
        everySecondOfRandomLives(
                (world, _, decisions) ->
                        assertThat(decisions)
                                .as(world.where())
                                .filteredOn(d -> d.action() == Action.INFLATE)
                                .allMatch(d -> d.targetBytes() >= RULES.floor().bytes())
                                .allMatch(d -> d.targetBytes() < d.fromBytes())
                                .allMatch(
                                        d ->
                                                d.fromBytes() - d.targetBytes()
                                                        <= RULES.step().bytes()));
    }

    @Test
    void takesNothingOnStaleStatistics() {
        everySecondOfRandomLives(
                (world, seen, decisions) -> {
                    for (VmMemory vm : seen.vms()) {
                        boolean stale =
                                vm.usable() == null
                                        || vm.usable().age().compareTo(Duration.ofSeconds(5)) > 0;
                        assertThat(decisions)
                                .as(world.where())
                                .filteredOn(d -> stale && d.vmId().equals(vm.vmId()))
                                .noneMatch(d -> d.action() == Action.INFLATE);
                    }
                });
    }

    @Test
    void givesNoMoreThanTheHostHas() {
        everySecondOfRandomLives(
                (world, seen, decisions) ->
                        assertThat(
                                        decisions.stream()
                                                .filter(d -> d.action() == Action.DEFLATE)
                                                .mapToLong(d -> d.targetBytes() - d.fromBytes())
                                                .sum())
                                .as(world.where())
                                .isLessThanOrEqualTo(Math.max(0, seen.availableBytes())));
    }

    @Test
    void leavesASteadyGuestItsHeadroom() {
        for (long seed = 0; seed < SEEDS; seed++) {
            World world = new World(seed);
            world.guests.forEach(g -> g.use(mib(world.random.nextInt(10, 450))));
            for (int second = 0; second < 60; second++) {
                world.second(
                        true,
                        (w, _, _) ->
                                assertThat(w.guests)
                                        .as(w.where())
                                        .filteredOn(g -> g.kind() != Kind.BOASTING)
                                        .allMatch(
                                                g ->
                                                        g.usable()
                                                                >= RULES.headroom().bytes()
                                                                        - mib(1)));
            }
        }
    }

    @Test
    void takesMostOfWhatIsIdleWithinTenSeconds() {
        for (long seed = 0; seed < SEEDS; seed++) {
            World world = new World(seed);
            SimulatedGuest guest =
                    world.guests.stream()
                            .filter(g -> g.kind() == Kind.IDEAL)
                            .findFirst()
                            .orElseThrow();
            long initially = guest.usable();
            for (int second = 0; second < 10; second++) {
                world.second(true, (_, _, _) -> {});
            }
            assertThat(SimulatedGuest.CEILING - guest.size())
                    .as(world.where())
                    .isGreaterThanOrEqualTo(initially * 3 / 4);
        }
    }

    @Test
    void reliefRestoresAll() {
        for (long seed = 0; seed < SEEDS; seed++) {
            World world = new World(seed);
            for (int second = 0; second < 60; second++) {
                world.second(true, (_, _, _) -> {});
            }
            world.guests.forEach(g -> g.use(mib(600)));
            for (int second = 0; second < 120; second++) {
                world.second(true, (_, _, _) -> {});
            }
            assertThat(world.guests)
                    .as(world.where())
                    .filteredOn(g -> g.kind() != Kind.BOASTING && g.kind() != Kind.STUCK)
                    .allMatch(g -> g.size() == SimulatedGuest.CEILING);
        }
    }
}
