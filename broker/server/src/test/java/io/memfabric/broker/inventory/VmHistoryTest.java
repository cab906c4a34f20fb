package io.memfabric.broker.inventory;

import static org.assertj.core.api.Assertions.assertThat;

import io.memfabric.contract.agent.HostReport;
import io.memfabric.contract.agent.MemoryReport;
import io.memfabric.contract.agent.VmReport;
import io.memfabric.contract.vocabulary.HarvestMode;
import java.time.Instant;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// The last hour of VMs.
class VmHistoryTest {

    private static final long MIB = 1L << 20;
    private static final UUID HOST = new UUID(1, 1);

    private Instant now = Instant.parse("2026-01-02T03:04:05Z");
    private final Presence presence = new Presence(() -> now);
    private final VmHistory history = new VmHistory(presence, () -> now, 2);

    private static UUID id(int vm) {
        return new UUID(2, vm);
    }

    private static VmReport vm(int id, @Nullable Long usable, VmReport.@Nullable Strain strain) {
        return new VmReport(
                id(id),
                "vm-" + id,
                VmReport.State.RUNNING,
                512 * MIB,
                256 * MIB,
                usable,
                300 * MIB,
                true,
                null,
                strain);
    }

    private void look(VmReport... vms) {
        presence.hear(
                HOST,
                HostReport.whole(
                        new UUID(3, 3),
                        1,
                        HarvestMode.HARVEST,
                        new MemoryReport(0, 0, 0, 0, 0, 0, 0),
                        List.of(vms),
                        null,
                        null));
        history.look();
        now = now.plusSeconds(VmHistory.STEP_SECONDS);
    }

    @Test
    void saysWhatAVmHadAndNeeded() {
        look(vm(1, 56 * MIB, new VmReport.Strain(250L, 1000)));
        look(vm(1, null, new VmReport.Strain(null, 1500)));
        look(vm(1, 56 * MIB, null));
        assertThat(history.of(id(1)))
                .containsExactly(
                        new VmHistory.Point(
                                Instant.parse("2026-01-02T03:04:05Z"),
                                256 * MIB,
                                200 * MIB,
                                300 * MIB,
                                2.5,
                                null),
                        new VmHistory.Point(
                                Instant.parse("2026-01-02T03:04:15Z"),
                                256 * MIB,
                                null,
                                300 * MIB,
                                null,
                                50.0),
                        new VmHistory.Point(
                                Instant.parse("2026-01-02T03:04:25Z"),
                                256 * MIB,
                                200 * MIB,
                                300 * MIB,
                                null,
                                null));
    }

    @Test
    void knowsNoRateAfterTheGuestBeganAgain() {
        look(vm(1, null, new VmReport.Strain(0L, 1000)));
        look(vm(1, null, new VmReport.Strain(0L, 10)));
        assertThat(history.of(id(1)).getLast().refaultsPerSecond()).isNull();
    }

    @Test
    void remembersAnHourAndLeavesGaps() {
        look(vm(1, null, null));
        look();
        IntStream.range(0, VmRing.POINTS - 2).forEach(_ -> look(vm(1, null, null)));
        assertThat(history.of(id(1))).hasSize(VmRing.POINTS - 1);
        look(vm(1, null, null));
        assertThat(history.of(id(1))).hasSize(VmRing.POINTS - 1);
        look(vm(1, null, null));
        assertThat(history.of(id(1))).hasSize(VmRing.POINTS);
    }

    @Test
    void forgetsAVmThatIsGone() {
        look(vm(1, null, null));
        IntStream.range(0, VmRing.POINTS + 1).forEach(_ -> look(vm(2, null, null)));
        look(vm(2, null, null), vm(3, null, null));
        assertThat(history.of(id(1))).isEmpty();
        assertThat(history.of(id(3))).hasSize(1);
    }

    @Test
    void recordsWhatSomebodyLooksAtInsteadOfWhatNobodyDoes() {
        VmReport[] three = {vm(1, null, null), vm(2, null, null), vm(3, null, null)};
        look(three);
        look(three);
        UUID left =
                IntStream.of(1, 2, 3)
                        .mapToObj(VmHistoryTest::id)
                        .filter(vm -> history.of(vm).isEmpty())
                        .findFirst()
                        .orElseThrow();
        look(three);
        look(three);
        assertThat(history.of(left)).hasSize(2);
        assertThat(IntStream.of(1, 2, 3).filter(vm -> !history.of(id(vm)).isEmpty()).count())
                .isEqualTo(2);
    }
}
