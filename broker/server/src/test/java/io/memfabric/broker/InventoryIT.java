package io.memfabric.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.memfabric.broker.testbed.FakeAgent;
import io.memfabric.broker.testbed.Fleet;
import io.memfabric.broker.testbed.Http;
import io.memfabric.broker.testbed.Poll;
import io.memfabric.contract.agent.AgentCommand;
import io.memfabric.contract.agent.CommandResult;
import io.memfabric.contract.agent.DetachGrant;
import io.memfabric.contract.agent.RegionReport;
import io.memfabric.contract.agent.VmReport;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/// What hosts say of themselves, and what the ledger makes of it.
class InventoryIT {

    private static final long MIB = 1L << 20;

    private final Fleet fleet = new Fleet();

    @AfterEach
    void retire() {
        fleet.close();
    }

    @Test
    void followsTheRegionsThatComeAndGo() {
        FakeAgent lender = fleet.lender(3);
        lender.withdraw(2);
        lender.offer(1);
        lender.sync();
        assertThat(fleet.regions(lender))
                .extracting(r -> r.at("/status/regionId").asLong())
                .containsExactly(1L, 3L, 4L);
        assertThat(
                        fleet.admin()
                                .get("/api/v1/hosts/" + lender.hostId())
                                .body()
                                .at("/status/offeredBytes")
                                .asLong())
                .isEqualTo(192 * MIB);
    }

    @Test
    void keepsAClaimedRegionThatAnInventoryCallsFreeOrLeavesOut() {
        FakeAgent lender = fleet.lender(2);
        FakeAgent borrower = fleet.borrower();
        fleet.active(borrower, 128 * MIB, 1);
        lender.put(new RegionReport(1, 1, RegionReport.State.FREE, null, 0));
        lender.withdraw(2);
        lender.sync();
        assertThat(fleet.regionStates(lender)).containsExactly("CLAIMED", "CLAIMED");
    }

    @Test
    void asksAgainForAFenceThatWasRefused() {
        FakeAgent lender = fleet.lender(1);
        FakeAgent borrower = fleet.borrower();
        String grant = fleet.active(borrower, 64 * MIB, 1);
        fleet.release(grant);
        borrower.obey();
        lender.refuse("busy");
        assertThat(fleet.state(grant)).isEqualTo("FENCED");
        assertThat(fleet.grant(grant).at("/status/problem/code").asString()).isEqualTo("busy");
        assertThat(fleet.regionStates(lender)).containsExactly("CLAIMED");
        assertThat(lender.commands()).isEmpty();

        lender.sync();
        lender.obey();
        assertThat(fleet.state(grant)).isEqualTo("RELEASED");
    }

    @Test
    void goesOnFromTheLastGenerationWhenARegionComesBack() {
        FakeAgent lender = fleet.lender(1);
        FakeAgent borrower = fleet.borrower();
        String grant = fleet.active(borrower, 64 * MIB, 1);
        fleet.release(grant);
        fleet.settle();
        lender.withdraw(1);
        lender.sync();
        lender.put(new RegionReport(1, 0, RegionReport.State.FREE, null, 0));
        lender.sync();
        fleet.active(borrower, 64 * MIB, 1);
        assertThat(lender.region(1).generation()).isEqualTo(2);
    }

    @Test
    void asksForTheRemovalOfADeviceWhoseGrantIsOver() {
        fleet.lender(1);
        FakeAgent borrower = fleet.borrower();
        String grant = fleet.active(borrower, 64 * MIB, 1);
        fleet.release(grant);
        fleet.settle();
        borrower.pretendAttached(UUID.fromString(grant), borrower.vmId(), null);
        borrower.sync();
        borrower.sync();
        assertThat(borrower.obey())
                .singleElement()
                .isInstanceOfSatisfying(
                        DetachGrant.class,
                        detach -> assertThat(detach.grantId()).hasToString(grant));
        borrower.sync();
        assertThat(borrower.commands()).isEmpty();
    }

    @Test
    void leavesTheDeviceOfALiveGrantAlone() {
        fleet.lender(1);
        FakeAgent borrower = fleet.borrower();
        fleet.active(borrower, 64 * MIB, 1);
        borrower.sync();
        assertThat(borrower.commands()).isEmpty();
    }

    @Test
    void refusesAnInventoryThatNamesARegionTwice() {
        FakeAgent lender = fleet.lender(0);
        Http.Answer answer =
                lender.http()
                        .postRaw(
                                "/agent/v1/inventories",
                                """
                                {"bootId":"%s","grants":[],"regions":[
                                 {"regionId":1,"generation":0,"state":"FREE","epoch":0},
                                 {"regionId":1,"generation":1,"state":"FREE","epoch":0}]}
                                """
                                        .formatted(lender.bootId()));
        assertThat(answer.code()).isEqualTo("duplicate_region");
        assertThat(fleet.regions(lender)).isEmpty();
    }

    @Test
    void refusesAReportThatNamesAVmTwice() {
        FakeAgent host = fleet.borrower();
        String vm =
                Http.JSON.writeValueAsString(
                        java.util.Map.of(
                                "vmId",
                                host.vmId(),
                                "name",
                                "twin",
                                "state",
                                "OFF",
                                "maxBytes",
                                1,
                                "balloonBytes",
                                1,
                                "residentBytes",
                                0,
                                "guestDaemon",
                                false));
        Http.Answer answer =
                host.http()
                        .postRaw(
                                "/agent/v1/reports",
                                """
                                {"bootId":"%s","sequence":9,"mode":"OBSERVE","vms":[%s,%s],
                                 "memory":{"totalBytes":1,"availableBytes":1,"reserveBytes":0,
                                 "harvestedBytes":0,"offeredBytes":0,"lentBytes":0,"shortBytes":0}}
                                """
                                        .formatted(host.bootId(), vm, vm));
        assertThat(answer.code()).isEqualTo("duplicate_vm");
    }

    @Test
    void forgetsAVmThatItsHostForgot() {
        FakeAgent host = fleet.borrower();
        UUID vm = host.vmId();
        assertThat(fleet.admin().get("/api/v1/vms/" + vm).status()).isEqualTo(200);
        host.forgetVm(vm);
        host.report();
        assertThat(fleet.admin().get("/api/v1/vms/" + vm).code()).isEqualTo("vm_not_found");
    }

    @Test
    void letsAVmStayWhereItRunsWhileAnotherHostAlsoKnowsIt() {
        FakeAgent source = fleet.borrower();
        FakeAgent target = fleet.host();
        UUID vm = source.vmId();
        target.adopt(vm, VmReport.State.PAUSED);
        target.report();
        assertThat(hostOf(vm)).isEqualTo(source.hostId().toString());

        source.setVm(vm, VmReport.State.OFF, false);
        source.report();
        target.adopt(vm, VmReport.State.RUNNING);
        target.report();
        assertThat(hostOf(vm)).isEqualTo(target.hostId().toString());
        source.report();
        assertThat(hostOf(vm)).isEqualTo(target.hostId().toString());
    }

    private String hostOf(UUID vm) {
        return fleet.admin().get("/api/v1/vms/" + vm).body().at("/status/hostId").asString();
    }

    /// Fault F4: agents are cut off from the broker, and nothing follows but that nothing new is given.
    @Test
    void callsASilentHostUnreachableAndTouchesNothingOfIt() {
        FakeAgent lender = fleet.lender(2);
        FakeAgent borrower = fleet.borrower();
        String grant = fleet.active(borrower, 64 * MIB, 1);
        Poll.until(() -> !isReachable(lender) && !isReachable(borrower));

        assertThat(fleet.state(grant)).isEqualTo("ACTIVE");
        assertThat(fleet.regionStates(lender)).containsExactly("CLAIMED", "FREE");
        assertThat(fleet.post(Fleet.spec(borrower.vmId(), 64 * MIB), "silent").code())
                .isEqualTo("host_unreachable");
        borrower.report();
        assertThat(fleet.post(Fleet.spec(borrower.vmId(), 64 * MIB), "silent").code())
                .isEqualTo("insufficient_capacity");
        Poll.until(() -> eventTypes(lender).equals(List.of("host_reachable", "host_unreachable")));
    }

    private boolean isReachable(FakeAgent agent) {
        return fleet.admin()
                .get("/api/v1/hosts/" + agent.hostId())
                .body()
                .at("/status/reachable")
                .asBoolean();
    }

    private List<String> eventTypes(FakeAgent agent) {
        List<String> types = new java.util.ArrayList<>();
        String token = "";
        do {
            JsonNode page = fleet.admin().get("/api/v1/events?pageSize=200" + token).body();
            page.get("items")
                    .forEach(
                            event -> {
                                String type = event.at("/type").asString();
                                if (event.at("/hostId").asString("").equals(agent.hostId() + "")
                                        && type.endsWith("reachable")) {
                                    types.add(type);
                                }
                            });
            token =
                    page.get("nextPageToken").isNull()
                            ? ""
                            : "&pageToken=" + page.get("nextPageToken").asString();
        } while (!token.isEmpty());
        return types;
    }

    @Test
    void answersAPollWhenACommandComes() throws Exception {
        FakeAgent lender = fleet.lender(1);
        FakeAgent borrower = fleet.borrower();
        long known = lender.poll(-1, 0).revision();
        try (var threads = java.util.concurrent.Executors.newVirtualThreadPerTaskExecutor()) {
            var waiting = threads.submit(() -> lender.poll(known, 30));
            fleet.create(Fleet.spec(borrower.vmId(), 64 * MIB));
            var batch = waiting.get(25, java.util.concurrent.TimeUnit.SECONDS);
            assertThat(batch.commands()).hasSize(1);
            assertThat(batch.revision()).isNotEqualTo(known);
        }
        List<AgentCommand> again = lender.commands();
        assertThat(again).hasSize(1);
        assertThat(lender.poll(lender.poll(-1, 0).revision(), 1).commands()).isEqualTo(again);
    }

    @Test
    void handsOutMoreCommandsThanABatchHoldsOneBatchAfterTheOther() {
        FakeAgent lender = fleet.lender(70);
        FakeAgent borrower = fleet.borrower();
        for (int i = 0; i < 70; i++) {
            Fleet.grantOf(fleet.create(Fleet.spec(borrower.vmId(), 64 * MIB)));
        }
        var first = lender.poll(-1, 0);
        assertThat(first.commands()).hasSize(64);
        first.commands().forEach(c -> lender.answer(CommandResult.done(c.commandId())));
        var second = lender.poll(first.revision(), 5);
        assertThat(second.commands()).hasSize(6);
        assertThat(second.commands()).doesNotContainAnyElementsOf(first.commands());
    }

    @Test
    void takesNoResultForTheCommandOfAnotherHost() {
        FakeAgent lender = fleet.lender(1);
        FakeAgent borrower = fleet.borrower();
        String grant = Fleet.grantOf(fleet.create(Fleet.spec(borrower.vmId(), 64 * MIB)));
        UUID command = lender.commands().getFirst().commandId();
        Http.Answer answer = borrower.http().post("/agent/v1/results", CommandResult.done(command));
        assertThat(answer.code()).isEqualTo("command_not_found");
        assertThat(fleet.state(grant)).isEqualTo("RESERVED");
    }
}
