package io.memfabric.agent.brokerlink;

import static org.assertj.core.api.Assertions.assertThat;

import io.memfabric.contract.agent.HostReport;
import io.memfabric.contract.agent.MemoryReport;
import io.memfabric.contract.agent.VmReport;
import io.memfabric.contract.vocabulary.HarvestMode;
import java.util.List;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ReportDeltasTest {

    private static final long GIB = 1L << 30;
    private static final UUID BOOT = new UUID(1, 1);

    private final ReportDeltas deltas = new ReportDeltas();
    private long sequence;

    private static VmReport vm(int id, long balloon, @Nullable Long usable) {
        return VmReport.silent(
                new UUID(2, id),
                "vm-" + id,
                VmReport.State.RUNNING,
                GIB,
                balloon,
                usable,
                GIB,
                true,
                null);
    }

    private HostReport say(UUID boot, VmReport... vms) {
        HostReport whole =
                HostReport.whole(
                        boot,
                        ++sequence,
                        HarvestMode.HARVEST,
                        new MemoryReport(GIB, GIB, 0, 0, 0, 0, 0),
                        List.of(vms),
                        null,
                        null);
        return deltas.next(whole);
    }

    private HostReport heard(VmReport... vms) {
        HostReport sent = say(BOOT, vms);
        deltas.heard(sent);
        return sent;
    }

    @Test
    void namesAllVmsFirstAndThenThoseThatChanged() {
        assertThat(heard(vm(1, GIB, GIB / 2), vm(2, GIB, null)).since()).isNull();
        HostReport second = heard(vm(1, GIB - 1, GIB / 2), vm(2, GIB, null));
        assertThat(second.since()).isEqualTo(1);
        assertThat(second.vms()).containsExactly(vm(1, GIB - 1, GIB / 2));
        assertThat(heard(vm(1, GIB - 1, GIB / 2), vm(2, GIB, null)).vms()).isEmpty();
        assertThat(heard(vm(1, GIB - 1, GIB / 2), vm(2, GIB, 7L)).vms()).hasSize(1);
    }

    @Test
    void addsUpSmallMovesUntilTheyCount() {
        heard(vm(1, GIB, GIB / 2));
        long step = GIB / 150;
        assertThat(heard(vm(1, GIB, GIB / 2 + step)).vms()).isEmpty();
        assertThat(heard(vm(1, GIB, GIB / 2 + 2 * step)).vms()).hasSize(1);
        assertThat(heard(vm(1, GIB, GIB / 2 + 2 * step)).vms()).isEmpty();
    }

    @Test
    void namesAllAfterAFailureAnotherTableOtherVmsAndHalfAMinute() {
        heard(vm(1, GIB, null));
        say(BOOT, vm(1, GIB, null));
        deltas.forget();
        assertThat(heard(vm(1, GIB, null)).since()).isNull();
        assertThat(say(new UUID(9, 9), vm(1, GIB, null)).since()).isNull();
        assertThat(heard(vm(2, GIB, null)).since()).isNull();
        assertThat(heard().since()).isNull();
        heard(vm(1, GIB, null));
        int small = 0;
        while (heard(vm(1, GIB, null)).since() != null) {
            small++;
        }
        assertThat(small).isEqualTo(29);
    }
}
