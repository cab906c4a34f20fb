package io.memfabric.broker.policy.ledger;

import static org.assertj.core.api.Assertions.assertThat;

import io.memfabric.broker.policy.GrantState;
import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Fabrics in which everything happens that may happen. A failure prints the seed that makes it again.
class FabricProperties {

    private static final int WORLDS = 2_000;

    @Test
    void givesNoRegionToTwoAndLosesNone() {
        Set<GrantState> seen = EnumSet.noneOf(GrantState.class);
        int deaths = 0;
        int repairs = 0;
        for (long seed = 1; seed <= WORLDS; seed++) {
            FabricWorld world = new FabricWorld(seed, FabricFault.NONE);
            world.run();
            seen.addAll(world.seen());
            deaths += world.deaths();
            repairs += world.repairs;
        }
        assertThat(seen)
                .contains(
                        GrantState.RESERVED,
                        GrantState.PREPARED,
                        GrantState.ACTIVE,
                        GrantState.DEGRADED,
                        GrantState.DRAINING,
                        GrantState.FENCED,
                        GrantState.RELEASED,
                        GrantState.FAILED);
        assertThat(deaths).isGreaterThan(WORLDS / 2);
        assertThat(repairs).isGreaterThan(WORLDS / 100);
    }

    @ParameterizedTest
    @EnumSource(mode = EnumSource.Mode.EXCLUDE, names = "NONE")
    void findsABrokerThat(FabricFault fault) {
        assertThat(isFound(fault)).isTrue();
    }

    private static boolean isFound(FabricFault fault) {
        for (long seed = 1; seed <= WORLDS; seed++) {
            try {
                new FabricWorld(seed, fault).run();
            } catch (AssertionError e) {
                return true;
            }
        }
        return false;
    }
}
