package io.memfabric.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.memfabric.broker.testbed.FakeAgent;
import io.memfabric.broker.testbed.Fleet;
import io.memfabric.broker.testbed.Http;
import io.memfabric.contract.agent.HostReport;
import io.memfabric.contract.agent.MemoryReport;
import io.memfabric.contract.agent.ReportReply;
import io.memfabric.contract.agent.VmReport;
import io.memfabric.contract.vocabulary.HarvestMode;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Reports that name only what changed.
class ReportsIT {

    private static final long GIB = 1L << 30;

    private final Fleet fleet = new Fleet();
    private final FakeAgent host = fleet.host();
    private final UUID still = UUID.randomUUID();
    private final UUID moving = UUID.randomUUID();

    @AfterEach
    void retire() {
        fleet.close();
    }

    private static VmReport vm(UUID id, VmReport.State state, long balloon) {
        return VmReport.silent(id, "vm-" + id, state, GIB, balloon, null, GIB, true, null);
    }

    private Http.Answer say(UUID boot, long sequence, @Nullable Long since, VmReport... vms) {
        return host.http()
                .post(
                        "/agent/v1/reports",
                        new HostReport(
                                boot,
                                sequence,
                                HarvestMode.OBSERVE,
                                new MemoryReport(8 * GIB, 4 * GIB, GIB, 0, 0, 0, 0),
                                List.of(vms),
                                null,
                                null,
                                since));
    }

    private Http.Answer whole() {
        return say(
                host.bootId(),
                100,
                null,
                vm(still, VmReport.State.RUNNING, GIB),
                vm(moving, VmReport.State.RUNNING, GIB));
    }

    private long balloon(UUID vm) {
        return fleet.admin().get("/api/v1/vms/" + vm).body().at("/status/balloonBytes").asLong();
    }

    private String state(UUID vm) {
        return fleet.admin().get("/api/v1/vms/" + vm).body().at("/status/state").asString();
    }

    @Test
    void addsWhatChangedToWhatWasHeardBefore() {
        assertThat(whole().status()).isEqualTo(200);
        VmReport changed = vm(moving, VmReport.State.PAUSED, GIB / 2);
        assertThat(say(host.bootId(), 101, 100L, changed).status()).isEqualTo(200);
        assertThat(balloon(moving)).isEqualTo(GIB / 2);
        assertThat(state(moving)).isEqualTo("PAUSED");
        assertThat(balloon(still)).isEqualTo(GIB);
        assertThat(say(host.bootId(), 102, 101L).status()).isEqualTo(200);
        assertThat(balloon(moving)).isEqualTo(GIB / 2);
        assertThat(state(still)).isEqualTo("RUNNING");
    }

    @Test
    void refusesWhatAddsToAReportThatItDidNotHearLast() {
        assertThat(say(host.bootId(), 5, 4L).code()).isEqualTo("report_base_unknown");
        whole();
        assertThat(say(host.bootId(), 102, 99L).code()).isEqualTo("report_base_unknown");
        assertThat(say(UUID.randomUUID(), 101, 100L).code()).isEqualTo("report_base_unknown");
        VmReport stranger = vm(UUID.randomUUID(), VmReport.State.RUNNING, GIB);
        assertThat(say(host.bootId(), 101, 100L, stranger).code()).isEqualTo("report_base_unknown");
        assertThat(balloon(still)).isEqualTo(GIB);
        assertThat(whole().status()).isEqualTo(200);
    }

    @Test
    void forgetsAVmOnlyWhenAReportOfAllDoesNotNameIt() {
        whole();
        say(host.bootId(), 101, 100L);
        assertThat(state(moving)).isEqualTo("RUNNING");
        say(host.bootId(), 102, null, vm(still, VmReport.State.RUNNING, GIB));
        assertThat(fleet.admin().get("/api/v1/vms/" + moving).status()).isEqualTo(404);
    }

    /// As after a start of the broker, to which every host is new: whoever finds the ledger busy is
    /// answered all the same, takes nothing from its VMs while it does not know what is wanted of
    /// them, and has its VMs in the ledger with one of its next reports.
    @Test
    void refusesNobodyWhereManyHostsAreNewAtOnce() throws Exception {
        List<FakeAgent> hosts = Stream.generate(fleet::host).limit(24).toList();
        for (FakeAgent agent : hosts) {
            agent.change(fleet.admin(), HarvestMode.HARVEST, 0);
            IntStream.range(0, 20).forEach(_ -> agent.addVm(VmReport.State.RUNNING, true));
        }
        List<Callable<ReportReply>> reports =
                hosts.stream().map(agent -> (Callable<ReportReply>) agent::report).toList();
        try (ExecutorService pool = Executors.newFixedThreadPool(hosts.size())) {
            for (Future<ReportReply> answer : pool.invokeAll(reports)) {
                ReportReply reply = answer.get();
                assertThat(reply.mode())
                        .isEqualTo(
                                reply.policies() == null ? HarvestMode.PAUSE : HarvestMode.HARVEST);
            }
        }
        for (FakeAgent agent : hosts) {
            assertThat(agent.report().mode()).isEqualTo(HarvestMode.HARVEST);
            agent.vmIds().forEach(vm -> assertThat(state(vm)).isEqualTo("RUNNING"));
        }
    }
}
