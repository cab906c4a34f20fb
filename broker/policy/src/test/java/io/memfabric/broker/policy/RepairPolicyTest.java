package io.memfabric.broker.policy;

import static org.assertj.core.api.Assertions.assertThat;

import io.memfabric.broker.policy.RepairPolicy.Gap;
import io.memfabric.broker.policy.RepairPolicy.LegHealth;
import io.memfabric.broker.policy.RepairPolicy.LegNow;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class RepairPolicyTest {

    @Test
    void replacesALostLegWhateverTheOtherIs() {
        for (LegHealth other : LegHealth.values()) {
            if (other != LegHealth.LOST) {
                assertThat(plan(LegHealth.LOST, other).gaps()).contains(new Gap(0, 0));
                assertThat(plan(other, LegHealth.LOST).gaps()).contains(new Gap(0, 1));
            }
        }
    }

    @Test
    void replacesASilentLegOnlyBesideAWholeOne() {
        assertThat(plan(LegHealth.SILENT, LegHealth.WHOLE).gaps()).containsExactly(new Gap(0, 0));
        for (LegHealth other : LegHealth.values()) {
            if (other != LegHealth.WHOLE) {
                assertThat(plan(LegHealth.SILENT, other).gaps()).doesNotContain(new Gap(0, 0));
            }
        }
    }

    @Test
    void leavesALegThatMayComeBackWithEverything() {
        for (LegHealth health : List.of(LegHealth.WHOLE, LegHealth.PARTIAL, LegHealth.BROKEN)) {
            assertThat(plan(health, LegHealth.WHOLE).gaps()).isEmpty();
        }
    }

    @Test
    void hasNoHopeForAnExtentWithoutACopyAndGoesOnWithTheOthers() {
        RepairPolicy.Plan plan =
                plan(LegHealth.LOST, LegHealth.LOST, LegHealth.WHOLE, LegHealth.LOST);
        assertThat(plan.hopeless()).containsExactly(0);
        assertThat(plan.gaps()).containsExactly(new Gap(1, 1));
    }

    private static RepairPolicy.Plan plan(LegHealth... healths) {
        List<LegNow> legs = new ArrayList<>();
        for (int i = 0; i < healths.length; i++) {
            legs.add(new LegNow(i / 2, i % 2, healths[i]));
        }
        return RepairPolicy.plan(legs);
    }
}
