package io.memfabric.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.memfabric.broker.testbed.BrokerProcess;
import io.memfabric.broker.testbed.FakeAgent;
import io.memfabric.broker.testbed.Fleet;
import io.memfabric.broker.testbed.Http;
import io.memfabric.broker.testbed.Poll;
import io.memfabric.broker.testbed.TestBroker;
import io.memfabric.contract.agent.VmReport;
import io.memfabric.contract.vocabulary.HarvestMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.jdbc.core.simple.JdbcClient;

/// Two brokers on one database.
class ReplicasIT {

    private static final long MIB = 1L << 20;

    private static final JdbcConnectionDetails database =
            TestBroker.shared().bean(JdbcConnectionDetails.class);
    private static Path one;
    private static Path other;
    private static String url;
    private static String token;
    private static BrokerProcess first;
    private static BrokerProcess second;
    private final List<FakeAgent> lenders = new ArrayList<>();

    @BeforeAll
    static void start() throws Exception {
        String name = "replicas" + UUID.randomUUID().toString().substring(0, 8);
        JdbcClient.create(TestBroker.shared().bean(DataSource.class))
                .sql("create database " + name)
                .update();
        url = database.getJdbcUrl().replace("/postgres", "/" + name);
        one = TestBroker.newDataDir();
        other = TestBroker.newDataDir();
        first = broker(one);
        first.awaitReady();
        Files.copy(one.resolve("authority.pem"), other.resolve("authority.pem"));
        token = Files.readString(one.resolve("admin-token")).strip();
        second = broker(other);
        second.awaitReady();
    }

    private static BrokerProcess broker(Path dataDir) throws Exception {
        return BrokerProcess.start(
                dataDir,
                "--memfabric.db-url=" + url,
                "--memfabric.db-user=" + database.getUsername(),
                "--memfabric.db-password=" + database.getPassword(),
                "--spring.datasource.hikari.maximum-pool-size=6");
    }

    @AfterAll
    static void stop() throws Exception {
        first.close();
        second.close();
        TestBroker.deleteTree(one);
        TestBroker.deleteTree(other);
    }

    /// What one test lends must not be lent to the next.
    @AfterEach
    void withdrawRegions() {
        for (FakeAgent lender : lenders) {
            lender.dissolveTo(0);
            lender.moveTo(second::caller);
        }
    }

    @Test
    void grantsThroughOneBrokerForAHostOfTheOtherAndGoesOnWhenOneIsKilled() throws Exception {
        FakeAgent lender = lender(first);
        FakeAgent borrower = borrower(second);
        Http.Answer[] made = new Http.Answer[1];
        Poll.until(
                () -> {
                    lender.report();
                    borrower.report();
                    made[0] = create(first, borrower);
                    return made[0].status() == 202;
                });
        String grant = Fleet.grantOf(made[0]);
        lender.obey();
        borrower.obey();
        assertThat(state(second, grant)).isEqualTo("ACTIVE");

        first.kill();
        lender.moveTo(second::caller);
        assertThat(second.caller(token).delete("/api/v1/grants/" + grant).status()).isEqualTo(202);
        borrower.obey();
        lender.obey();
        assertThat(state(second, grant)).isEqualTo("RELEASED");
        first = broker(one);
        first.awaitReady();
    }

    @Test
    void wakesAHostThatWaitsAtTheOtherBroker() throws Exception {
        FakeAgent lender = lender(first);
        FakeAgent borrower = borrower(second);
        long known = lender.poll(-1, 0).revision();
        try (var threads = java.util.concurrent.Executors.newVirtualThreadPerTaskExecutor()) {
            var waiting = threads.submit(() -> lender.poll(known, 30));
            Poll.until(
                    () -> {
                        lender.report();
                        borrower.report();
                        return create(second, borrower).status() == 202;
                    });
            assertThat(waiting.get(20, java.util.concurrent.TimeUnit.SECONDS).commands())
                    .hasSize(1);
        }
    }

    @Test
    void aBrokerThatWasPausedHasNoTermForAHostThatLeftIt() throws Exception {
        FakeAgent lender = lender(first);
        Poll.until(() -> lender.poll(-1, 0).term() > 0);
        long before = lender.poll(-1, 0).term();
        first.signal("STOP");
        lender.moveTo(second::caller);
        Poll.until(
                () -> {
                    lender.report();
                    return lender.poll(-1, 0).term() > before;
                });
        first.signal("CONT");
        Poll.until(
                () -> {
                    lender.report();
                    return true;
                });
        long after = lender.poll(-1, 0).term();
        assertThat(after).isGreaterThan(before);
        Http.Answer stale =
                first.caller(lender.token()).get("/agent/v1/commands?revision=-1&wait=0");
        assertThat(stale.body().get("term").asLong()).isZero();
        lender.report();
        assertThat(lender.poll(-1, 0).term()).isEqualTo(after);
    }

    @Test
    void whatAHostSaysIsReadAtEitherBroker() throws Exception {
        FakeAgent borrower = borrower(second);
        borrower.decide(1, "IDLE");
        String vm = "/api/v1/vms/" + borrower.vmId();
        String host = "/api/v1/hosts/" + borrower.hostId();
        Poll.until(
                () -> {
                    borrower.report();
                    return first.caller(token).get(vm + "/explain").body().at("/decisions").size()
                            == 1;
                });
        Poll.until(
                () -> {
                    borrower.report();
                    return !first.caller(token).get(vm + "/history").body().at("/points").isEmpty();
                });
        borrower.report();
        assertThat(first.caller(token).get(vm).status()).isEqualTo(200);
        assertThat(first.caller(token).get(host).body().at("/status/reachable").asBoolean())
                .isTrue();
        assertThat(first.caller("mfa_none").get(vm).status()).isEqualTo(401);

        second.kill();
        Http.Answer alone = first.caller(token).get(vm + "/explain");
        assertThat(alone.status()).isEqualTo(200);
        assertThat(alone.body().at("/decisions").size()).isZero();
        second = broker(other);
        second.awaitReady();
    }

    @Test
    void refusesABrokerWithAnotherAuthority() throws Exception {
        Path elsewhere = TestBroker.newDataDir();
        try (BrokerProcess stranger = broker(elsewhere)) {
            assertThat(stranger.exitCode()).isNotZero();
            assertThat(stranger.output()).contains("authority_differs");
        } finally {
            TestBroker.deleteTree(elsewhere);
        }
    }

    private static String name(String role) {
        return role + "-" + UUID.randomUUID().toString().substring(0, 8);
    }

    private FakeAgent lender(BrokerProcess at) {
        FakeAgent lender = FakeAgent.enroll(at.caller(token), at::caller, name("lender"));
        lender.change(at.caller(token), HarvestMode.HARVEST, 1L << 40);
        lender.offer(4);
        lender.sync();
        lenders.add(lender);
        return lender;
    }

    private FakeAgent borrower(BrokerProcess at) {
        FakeAgent borrower = FakeAgent.enroll(at.caller(token), at::caller, name("borrower"));
        borrower.addVm(VmReport.State.RUNNING, true);
        borrower.sync();
        return borrower;
    }

    private Http.Answer create(BrokerProcess at, FakeAgent borrower) {
        return at.caller(token)
                .post(
                        "/api/v1/grants",
                        Map.of("spec", Fleet.spec(borrower.vmId(), 64 * MIB)),
                        "Idempotency-Key",
                        "for-" + borrower.vmId());
    }

    private String state(BrokerProcess at, String grant) {
        return at.caller(token)
                .get("/api/v1/grants/" + grant)
                .body()
                .at("/status/state")
                .asString();
    }
}
