package io.memfabric.broker.inventory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.memfabric.broker.web.Problem;
import io.memfabric.contract.agent.VmReport;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// The VMs of one host, as it last said them.
class HostVmsTest {

    private static final UUID HOST = new UUID(1, 1);

    private final HostVms vms = new HostVms();

    private static VmReport vm(
            UUID id, VmReport.State state, long balloon, @Nullable Long usable, String name) {
        VmReport.Strain strain =
                usable == null ? null : new VmReport.Strain(usable == 0 ? null : usable, 7);
        return new VmReport(
                id,
                name,
                state,
                1000,
                balloon,
                usable,
                3,
                true,
                usable == null ? "why" : null,
                strain);
    }

    private static VmReport vm(UUID id, long balloon) {
        return vm(id, VmReport.State.RUNNING, balloon, 5L, "vm");
    }

    private List<VmReport> all() {
        List<VmReport> all = new ArrayList<>();
        vms.forEach(_ -> true, all::add);
        return all;
    }

    private void markWritten() {
        vms.written(vms.toWrite(HOST), Map.of());
    }

    @Test
    void saysWhatItHeardWhateverTheOrder() {
        Random random = new Random(1);
        List<VmReport> said = new ArrayList<>();
        IntStream.range(0, 50)
                .mapToObj(i -> new UUID(random.nextLong(), random.nextLong()))
                .forEach(
                        id ->
                                said.add(
                                        vm(
                                                id,
                                                said.size() % 3 == 0
                                                        ? VmReport.State.PAUSED
                                                        : VmReport.State.RUNNING,
                                                said.size(),
                                                said.size() % 5 == 4 ? null : said.size() % 4L,
                                                "vm-" + said.size())));
        vms.hearAll(said);
        assertThat(all()).containsExactlyInAnyOrderElementsOf(said);
        said.forEach(vm -> assertThat(vms.of(vm.vmId())).contains(vm));
        assertThat(vms.of(HOST)).isEmpty();
        String tag = vms.policiesTag(3);

        VmReport changed = vm(said.get(7).vmId(), VmReport.State.PAUSED, 77, null, "new name");
        said.set(7, changed);
        assertThat(vms.hearChanged(List.of(changed))).isTrue();
        assertThat(all()).containsExactlyInAnyOrderElementsOf(said);
        Collections.shuffle(said, random);
        vms.hearAll(said);
        assertThat(all()).containsExactlyInAnyOrderElementsOf(said);
        assertThat(vms.policiesTag(3)).isEqualTo(tag);
        assertThat(vms.policiesTag(4)).isNotEqualTo(tag);
        vms.hearAll(said.subList(1, 50));
        assertThat(vms.policiesTag(3)).isNotEqualTo(tag);
    }

    @Test
    void takesInNothingOfAReportThatItRefuses() {
        UUID known = new UUID(5, 5);
        vms.hearAll(List.of(vm(known, 1)));
        VmReport moved = vm(known, 2);
        assertThat(vms.hearChanged(List.of(moved, vm(new UUID(6, 6), 2)))).isFalse();
        assertThatThrownBy(() -> vms.hearChanged(List.of(moved, moved)))
                .isInstanceOf(Problem.class);
        assertThatThrownBy(() -> vms.hearAll(List.of(moved, moved))).isInstanceOf(Problem.class);
        assertThat(all()).containsExactly(vm(known, 1));
    }

    @Test
    void isToBeWrittenWhereWhatTheLedgerKeepsChanged() {
        assertThat(vms.isWritten()).isFalse();
        UUID id = new UUID(5, 5);
        vms.hearAll(List.of(vm(id, 1)));
        markWritten();
        assertThat(vms.isWritten()).isTrue();
        vms.hearChanged(List.of(vm(id, 2)));
        assertThat(vms.isWritten()).isTrue();
        vms.hearChanged(List.of(vm(id, VmReport.State.OFF, 2, 5L, "vm")));
        assertThat(vms.isWritten()).isFalse();
        markWritten();
        vms.hearAll(List.of(vm(id, VmReport.State.OFF, 2, 5L, "renamed")));
        assertThat(vms.isWritten()).isFalse();
        markWritten();
        vms.hearAll(List.of());
        assertThat(vms.isWritten()).isFalse();
        assertThat(vms.toWrite(HOST).rows()).isEmpty();
    }

    /// A transaction that took long ends after a later one, with what was said before.
    @Test
    void isToBeWrittenAgainWhereAnOlderWriteEndsLast() {
        UUID id = new UUID(5, 5);
        vms.hearAll(List.of(vm(id, 1)));
        HostVms.ToWrite slow = vms.toWrite(HOST);
        vms.hearChanged(List.of(vm(id, VmReport.State.OFF, 1, 5L, "vm")));
        markWritten();
        vms.written(slow, Map.of());
        assertThat(vms.isWritten()).isFalse();
    }

    @Test
    void countsAsHarvestedWhatBalloonsHold() {
        UUID running = new UUID(1, 2);
        vms.hearAll(
                List.of(
                        vm(running, 400),
                        vm(new UUID(1, 3), 1000),
                        vm(new UUID(1, 4), VmReport.State.OFF, 400, 5L, "off")));
        assertThat(vms.harvested()).isEqualTo(Map.of(running, 600L));
    }
}
