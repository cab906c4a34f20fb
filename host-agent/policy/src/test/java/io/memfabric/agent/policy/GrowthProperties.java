package io.memfabric.agent.policy;

import static io.memfabric.agent.policy.BalloonCases.mib;
import static org.assertj.core.api.Assertions.assertThat;

import io.memfabric.agent.policy.GrowthPolicy.Sight;
import io.memfabric.agent.policy.GrowthState.Growth;
import io.memfabric.agent.policy.GrowthState.Stage;
import io.memfabric.agent.policy.VmMemory.Strain;
import io.memfabric.agent.policy.VmMemory.Terms;
import io.memfabric.agent.policy.VmMemory.Usable;
import io.memfabric.contract.vocabulary.FabricLimits;
import io.memfabric.contract.vocabulary.MemorySize;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/// Growth under guests, brokers and limits of all kinds, seed by seed.
class GrowthProperties {

    private static final UUID VM = new UUID(0, 1);
    private static final int SEEDS = 300;
    private static final int HOUR = 3600;
    private static final BalloonRules RULES =
            new BalloonRules(MemorySize.ofMib(96), MemorySize.ofMib(64), MemorySize.ofMib(128));

    /// A guest of 512 MiB whose demand wanders or jumps, and a broker that makes, refuses and loses
    /// grants.
    private static final class World {
        final Random random;
        final int period;
        final long limit;
        GrowthState state = GrowthState.EMPTY;
        final Set<UUID> live = new HashSet<>();
        int returned;
        int asked;
        long demand = 200;

        World(long seed) {
            random = new Random(seed);
            period = 20 + random.nextInt(600);
            limit = mib(random.nextInt(600));
        }

        void second(GrowthPolicy policy, int now) {
            if (now % period == 0) {
                demand = random.nextInt(1000);
            }
            demand = Math.clamp(demand + random.nextInt(21) - 10, 50, 1000);
            long swap = 0;
            for (Growth growth : state.growths(VM)) {
                swap += live.contains(growth.requestId()) ? growth.bytes() >> 20 : 0;
            }
            long used = Math.clamp(demand - 500, 0, swap);
            long usable = Math.max(2, 510 - (demand - used));
            long pressure = usable < 10 ? 4000 : 0;
            GrowthState before = state;
            state =
                    policy.step(
                                    List.of(sight(usable, pressure, swap, used)),
                                    before,
                                    BalloonState.EMPTY,
                                    Duration.ofSeconds(now))
                            .state();
            returned += leaving(state) > leaving(before) ? 1 : 0;
            asked += state.growths(VM).size() > before.growths(VM).size() ? 1 : 0;
            answer(now);
        }

        private Sight sight(long usable, long pressure, long swap, long used) {
            VmMemory vm =
                    new VmMemory(
                            VM,
                            mib(512),
                            mib(512),
                            mib(512),
                            new Usable(mib(usable), Duration.ZERO),
                            new Strain(pressure, 0, 0, Duration.ZERO),
                            false,
                            null,
                            true,
                            Terms.USUAL,
                            VmMemory.Backing.USUAL);
            return new Sight(vm, false, limit, mib(swap), mib(swap - used));
        }

        private static long leaving(GrowthState state) {
            return state.growths(VM).stream()
                    .filter(growth -> growth.stage() == Stage.LEAVING)
                    .count();
        }

        private void answer(int now) {
            for (Growth growth : state.growths(VM)) {
                if (random.nextInt(3) > 0) {
                    continue;
                }
                UUID id = growth.requestId();
                switch (growth.stage()) {
                    case WANTED -> {
                        if (random.nextInt(4) == 0) {
                            state = state.refused(VM, id, Duration.ofSeconds(now));
                        } else {
                            live.add(id);
                            state = state.live(VM, id);
                        }
                    }
                    case LEAVING -> {
                        if (random.nextInt(4) == 0) {
                            state = state.live(VM, id);
                        } else {
                            live.remove(id);
                            state = state.gone(VM, id);
                        }
                    }
                    case HELD -> {}
                }
            }
        }
    }

    @Test
    void staysWithinItsLimitInWholeRegionsAndDoesNotFlap() {
        int grew = 0;
        for (long seed = 0; seed < SEEDS; seed++) {
            World world = new World(seed);
            long[] name = {0};
            GrowthPolicy policy = new GrowthPolicy(RULES, () -> new UUID(1, ++name[0]));
            for (int now = 0; now < HOUR; now++) {
                world.second(policy, now);
                long held = world.state.growths(VM).stream().mapToLong(Growth::bytes).sum();
                assertThat(held).as("seed " + seed).isLessThanOrEqualTo(world.limit);
                assertThat(held % FabricLimits.REGION.bytes()).as("seed " + seed).isZero();
            }
            // 30 s of calm, then twice as long each time that it was too early.
            assertThat(world.returned).as("seed " + seed).isLessThanOrEqualTo(14);
            grew += world.asked > 0 ? 1 : 0;
        }
        assertThat(grew).isGreaterThan(SEEDS / 4);
    }

    @Test
    void holdsNothingForeverOnceTheNeedIsGone() {
        for (long seed = 0; seed < SEEDS; seed++) {
            World world = new World(seed);
            long[] name = {0};
            GrowthPolicy policy = new GrowthPolicy(RULES, () -> new UUID(1, ++name[0]));
            int now = 0;
            for (; now < HOUR; now++) {
                world.second(policy, now);
            }
            for (; now < 2 * HOUR; now++) {
                world.demand = 100;
                world.second(policy, now * world.period + 1);
            }
            assertThat(world.state.growths(VM)).as("seed " + seed).isEmpty();
        }
    }
}
