package io.memfabric.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.memfabric.broker.testbed.BrokerProcess;
import io.memfabric.broker.testbed.FakeAgent;
import io.memfabric.broker.testbed.Fleet;
import io.memfabric.broker.testbed.Http;
import io.memfabric.broker.testbed.Poll;
import io.memfabric.broker.testbed.TestBroker;
import io.memfabric.contract.agent.PrepareRegions;
import io.memfabric.contract.agent.ReplaceLegs;
import io.memfabric.contract.agent.VmReport;
import io.memfabric.contract.vocabulary.HarvestMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// A broker that is killed in the middle of making a grant whole again.
class RepairAfterCrashIT {

    private static final long MIB = 1L << 20;

    private Path dataDir = Path.of("unset");
    private String token = "";

    @BeforeEach
    void makeDataDir() throws Exception {
        dataDir = TestBroker.newDataDir();
    }

    @AfterEach
    void deleteDataDir() {
        TestBroker.deleteTree(dataDir);
    }

    @Test
    void goesOnWhereItWasKilled() throws Exception {
        List<FakeAgent> agents;
        String grant;
        try (BrokerProcess broker = start()) {
            agents =
                    List.of(
                            lender(broker, "lost"),
                            lender(broker, "kept"),
                            FakeAgent.enroll(broker.caller(token), broker::caller, "borrower"));
            FakeAgent borrower = agents.getLast();
            borrower.addVm(VmReport.State.RUNNING, true);
            agents.forEach(FakeAgent::sync);
            grant = mirrored(broker, borrower.vmId());
            agents.forEach(FakeAgent::obey);
            borrower.obey();
            assertThat(state(broker, grant)).isEqualTo("ACTIVE");
            agents.getFirst().reboot(2);
            agents.getFirst().sync();
            assertThat(state(broker, grant)).isEqualTo("DEGRADED");
            broker.kill();
        }
        FakeAgent lost = agents.getFirst();
        FakeAgent borrower = agents.getLast();
        try (BrokerProcess broker = start()) {
            moveAll(broker, agents);
            Poll.until(
                    () -> {
                        agents.forEach(FakeAgent::report);
                        return !lost.commands().isEmpty();
                    });
            assertThat(lost.obey()).singleElement().isInstanceOf(PrepareRegions.class);
            assertThat(borrower.commands()).singleElement().isInstanceOf(ReplaceLegs.class);
            broker.kill();
        }
        try (BrokerProcess broker = start()) {
            moveAll(broker, agents);
            assertThat(borrower.obey()).singleElement().isInstanceOf(ReplaceLegs.class);
            borrower.say(UUID.fromString(grant), List.of());
            borrower.sync();
            assertThat(state(broker, grant)).isEqualTo("ACTIVE");
            assertThat(borrower.legsAt(lost)).hasSize(2);
            broker.caller(token).delete("/api/v1/grants/" + grant);
            borrower.obey();
            agents.forEach(FakeAgent::obey);
            assertThat(state(broker, grant)).isEqualTo("RELEASED");
        }
    }

    private BrokerProcess start() throws Exception {
        BrokerProcess broker = BrokerProcess.start(dataDir);
        broker.awaitReady();
        token = Files.readString(dataDir.resolve("admin-token")).strip();
        return broker;
    }

    private FakeAgent lender(BrokerProcess broker, String name) {
        FakeAgent agent = FakeAgent.enroll(broker.caller(token), broker::caller, name);
        agent.change(broker.caller(token), HarvestMode.HARVEST, 1L << 40);
        agent.offer(2);
        return agent;
    }

    private String mirrored(BrokerProcess broker, UUID vm) {
        Map<String, Object> spec = Fleet.spec(vm, 128 * MIB);
        spec.put("copies", 2);
        Http.Answer created =
                broker.caller(token)
                        .post(
                                "/api/v1/grants",
                                Map.of("spec", spec),
                                "Idempotency-Key",
                                UUID.randomUUID().toString());
        return Fleet.grantOf(created);
    }

    private String state(BrokerProcess broker, String grant) {
        return broker.caller(token)
                .get("/api/v1/grants/" + grant)
                .body()
                .at("/status/state")
                .asString();
    }

    private static void moveAll(BrokerProcess broker, List<FakeAgent> agents) {
        agents.forEach(agent -> agent.moveTo(broker::caller));
    }
}
