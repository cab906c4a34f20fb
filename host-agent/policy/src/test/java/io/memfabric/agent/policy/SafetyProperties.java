package io.memfabric.agent.policy;

import static io.memfabric.agent.policy.BalloonCases.NOW;
import static io.memfabric.agent.policy.BalloonCases.RULES;
import static io.memfabric.agent.policy.BalloonCases.idle;
import static io.memfabric.agent.policy.BalloonCases.mib;
import static org.assertj.core.api.Assertions.assertThat;

import io.memfabric.agent.policy.BalloonCases.Vm;
import io.memfabric.agent.policy.BalloonDecision.Action;
import java.time.Duration;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Each safety holds for random figures, and its scenario fails where it is switched off.
final class SafetyProperties {

    private static final int SEEDS = 200;

    @ParameterizedTest
    @EnumSource(Guard.class)
    void holdsWithAllGuards(Guard guard) {
        for (long seed = 0; seed < SEEDS; seed++) {
            assertThat(isSafe(guard, Guard.ALL, seed)).as("%s, seed %d", guard, seed).isTrue();
        }
    }

    @ParameterizedTest
    @EnumSource(Guard.class)
    void failsWithoutItsGuard(Guard guard) {
        int unsafe = 0;
        for (long seed = 0; seed < SEEDS; seed++) {
            unsafe += isSafe(guard, Guard.allBut(guard), seed) ? 0 : 1;
        }
        assertThat(unsafe).as("scenarios of %s that fail without it", guard).isPositive();
    }

    private static boolean isSafe(Guard guard, Set<Guard> on, long seed) {
        Host host = new Host(on);
        Random random = new Random(seed);
        long balloon = mib(random.nextInt(300, 512));
        Vm vm = idle().balloon(balloon).usable(balloon - mib(60), Duration.ZERO);
        return switch (guard) {
            case FLOOR -> {
                Vm small = idle().balloon(mib(random.nextInt(96, 160)));
                yield host.tick(small.usable(small.balloon(), Duration.ZERO), 0).targetBytes()
                        >= RULES.floor().bytes();
            }
            case STALENESS -> {
                long age = random.nextLong(5001, 19_000);
                yield !took(host.tick(vm.usable(vm.balloon() / 2, Duration.ofMillis(age)), 0));
            }
            case QUIET_AFTER_RELIEF -> {
                host.tick(vm.usable(mib(random.nextInt(0, 15)), Duration.ZERO), 0);
                yield !took(host.tick(vm, random.nextInt(1, 59)));
            }
            case NOTHING_TWICE -> {
                // The balloon arrives; the guest's figure is still from before.
                long usable = mib(random.nextInt(80, 200));
                host.tick(vm.usable(usable, Duration.ZERO), 0);
                Vm moved = vm.balloon(host.target(balloon));
                BalloonDecision second = host.tick(moved.usable(usable, Duration.ofSeconds(1)), 1);
                yield balloon - second.targetBytes() <= usable - RULES.headroom().bytes();
            }
            case TRUST -> {
                Vm boasts = vm.usable(balloon * random.nextLong(2, 2000), Duration.ZERO);
                boolean taken = false;
                for (int second = 0; second < 3; second++) {
                    taken = took(host.tick(boasts.balloon(host.target(balloon)), second));
                }
                yield !taken;
            }
            case STALLS -> {
                host.tick(vm, 0);
                boolean asked = false;
                for (int second = 1; second < 20; second++) {
                    asked |= took(host.tick(vm, second));
                }
                yield !asked && host.tick(vm, 21).action() == Action.RETREAT;
            }
            case PROBES_GIVE_BACK -> {
                long rate = random.nextInt(300, 9000);
                Vm taken = vm.usable(mib(40), Duration.ZERO);
                boolean given = false;
                for (int second = 0; second < 8; second++) {
                    given |=
                            host.tick(taken.refaulted(rate * second), second).action()
                                    == Action.DEFLATE;
                }
                yield given;
            }
        };
    }

    private static boolean took(BalloonDecision decision) {
        return decision.action() == Action.INFLATE;
    }

    /// A host with one VM, second by second.
    private static final class Host {
        private final ReliefPolicy relief;
        private final HarvestPolicy harvest;
        private BalloonState state = BalloonState.EMPTY;
        private long target = -1;

        Host(Set<Guard> guards) {
            relief = new ReliefPolicy(RULES, guards);
            harvest = new HarvestPolicy(RULES, guards);
        }

        long target(long otherwise) {
            return target < 0 ? otherwise : target;
        }

        BalloonDecision tick(Vm vm, long second) {
            Duration now = NOW.plusSeconds(second);
            BalloonPlan given = relief.step(vm.alone(), state, now);
            BalloonPlan taken = harvest.step(vm.alone(), given.state(), now);
            state = taken.state();
            BalloonDecision decision =
                    given.decisions().isEmpty()
                            ? taken.decisions().getFirst()
                            : given.decisions().getFirst();
            if (decision.changesTarget()) {
                target = decision.targetBytes();
            }
            return decision;
        }
    }
}
