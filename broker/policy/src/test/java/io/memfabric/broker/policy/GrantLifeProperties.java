package io.memfabric.broker.policy;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

/// Grants among lenders and borrowers that refuse, forget, repeat themselves and restart. A failure
/// prints the seed that makes it again.
class GrantLifeProperties {

    private static final int CASES = 20_000;

    @Test
    void neverFencesUnderADeviceAndAlwaysComesToAnEnd() {
        Set<GrantState> ends = EnumSet.noneOf(GrantState.class);
        int quarantined = 0;
        for (long seed = 1; seed <= CASES; seed++) {
            GrantLifeWorld world = new GrantLifeWorld(seed, false);
            ends.add(world.run());
            quarantined += world.quarantined;
        }
        assertThat(ends)
                .containsExactlyInAnyOrder(
                        GrantState.ACTIVE,
                        GrantState.QUARANTINED,
                        GrantState.RELEASED,
                        GrantState.FAILED);
        assertThat(quarantined).isGreaterThan(CASES / 10);
    }

    @Test
    void makesMirroredGrantsWholeAgainOrEndsThem() {
        Set<GrantState> ends = EnumSet.noneOf(GrantState.class);
        int repaired = 0;
        int drops = 0;
        int quarantined = 0;
        for (long seed = 1; seed <= CASES; seed++) {
            GrantLifeWorld world = new GrantLifeWorld(seed, true);
            ends.add(world.run());
            repaired += world.repaired;
            drops += world.drops;
            quarantined += world.quarantined;
        }
        assertThat(ends)
                .containsExactlyInAnyOrder(
                        GrantState.ACTIVE,
                        GrantState.DEGRADED,
                        GrantState.QUARANTINED,
                        GrantState.RELEASED,
                        GrantState.FAILED);
        assertThat(repaired).isGreaterThan(CASES / 10);
        assertThat(drops).isGreaterThan(CASES / 20);
        assertThat(quarantined).isGreaterThan(CASES / 10);
    }
}
