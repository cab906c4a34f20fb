package io.memfabric.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.memfabric.broker.testbed.BrokerProcess;
import io.memfabric.broker.testbed.FakeAgent;
import io.memfabric.broker.testbed.Fleet;
import io.memfabric.broker.testbed.Http;
import io.memfabric.broker.testbed.TestBroker;
import io.memfabric.contract.agent.VmReport;
import io.memfabric.contract.vocabulary.HarvestMode;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/// One key and many bodies at once, while the broker is killed.
class KeysAfterCrashIT {

    private static final long MIB = 1L << 20;
    private static final int BODIES = 24;

    @Test
    void case1BeginsOneGrantForOneKeyAcrossAKill() throws Exception {
        Path dataDir = TestBroker.newDataDir();
        String key = UUID.randomUUID().toString();
        try {
            List<Optional<Http.Answer>> answers;
            FakeAgent lender;
            FakeAgent borrower;
            try (BrokerProcess broker = BrokerProcess.start(dataDir)) {
                Http admin = admin(broker, dataDir);
                lender = FakeAgent.enroll(admin, broker::caller, "lender");
                lender.change(admin, HarvestMode.HARVEST, 1L << 40);
                lender.offer(BODIES);
                lender.sync();
                borrower = FakeAgent.enroll(admin, broker::caller, "borrower");
                borrower.addVm(VmReport.State.RUNNING, true);
                borrower.report();
                lender.report();
                answers = askAndKill(broker, admin, borrower.vmId(), key);
            }
            try (BrokerProcess broker = BrokerProcess.start(dataDir)) {
                Http admin = admin(broker, dataDir);
                lender.moveTo(broker::caller);
                borrower.moveTo(broker::caller);
                holds(admin, borrower, lender, key, answers);
                broker.stop();
            }
        } finally {
            TestBroker.deleteTree(dataDir);
        }
    }

    private static Http admin(BrokerProcess broker, Path dataDir) throws Exception {
        broker.awaitReady();
        return broker.caller(Files.readString(dataDir.resolve("admin-token")).strip());
    }

    /// Asks with every body at once and kills the broker at the first answer.
    private static List<Optional<Http.Answer>> askAndKill(
            BrokerProcess broker, Http admin, UUID vmId, String key) throws Exception {
        CountDownLatch first = new CountDownLatch(1);
        List<Optional<Http.Answer>> answers = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Optional<Http.Answer>>> calls = new ArrayList<>();
            for (int i = 1; i <= BODIES; i++) {
                Map<String, Object> spec = Fleet.spec(vmId, 64 * MIB * (1 + i % 3));
                calls.add(
                        threads.submit(
                                () -> {
                                    try {
                                        return Optional.of(ask(admin, spec, key));
                                    } catch (UncheckedIOException e) {
                                        return Optional.empty();
                                    } finally {
                                        first.countDown();
                                    }
                                }));
            }
            first.await();
            broker.kill();
            for (Future<Optional<Http.Answer>> call : calls) {
                answers.add(call.get());
            }
        }
        return answers;
    }

    private static Http.Answer ask(Http admin, Map<String, Object> spec, String key) {
        return admin.post("/api/v1/grants", Map.of("spec", spec), "Idempotency-Key", key);
    }

    private static void holds(
            Http admin,
            FakeAgent borrower,
            FakeAgent lender,
            String key,
            List<Optional<Http.Answer>> answers) {
        Set<String> begun = new TreeSet<>();
        answers.stream()
                .flatMap(Optional::stream)
                .forEach(
                        answer -> {
                            if (answer.status() == 202) {
                                begun.add(Fleet.operationOf(answer));
                            } else {
                                assertThat(answer.status()).isIn(409, 422, 503);
                            }
                        });
        assertThat(begun).as("what was answered before the kill").hasSizeLessThanOrEqualTo(1);
        JsonNode grants = admin.get("/api/v1/grants?vmId=" + borrower.vmId()).body().get("items");
        assertThat(grants.size()).isLessThanOrEqualTo(1).isGreaterThanOrEqualTo(begun.size());

        Set<String> after = new TreeSet<>(begun);
        int same = 0;
        for (int i = 1; i <= BODIES; i++) {
            lender.report();
            borrower.report();
            Http.Answer again =
                    ask(admin, Fleet.spec(borrower.vmId(), 64 * MIB * (1 + i % 3)), key);
            if (again.status() == 202) {
                after.add(Fleet.operationOf(again));
                same++;
            } else {
                assertThat(again.code()).isEqualTo("idempotency_key_reused");
            }
        }
        assertThat(after).as("one operation for the key, for ever").hasSize(1);
        assertThat(same).as("each body of its size").isEqualTo(BODIES / 3);
        assertThat(admin.get("/api/v1/grants?vmId=" + borrower.vmId()).body().get("items"))
                .hasSize(1);
    }
}
