package io.memfabric.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.memfabric.broker.database.Ledger;
import io.memfabric.broker.testbed.CommitCutter;
import io.memfabric.broker.testbed.CommitCutter.Moment;
import io.memfabric.broker.testbed.FakeAgent;
import io.memfabric.broker.testbed.Fleet;
import io.memfabric.broker.testbed.Http;
import io.memfabric.broker.testbed.TestBroker;
import io.memfabric.contract.agent.AgentCommand;
import io.memfabric.contract.agent.CommandResult;
import io.memfabric.contract.agent.VmReport;
import io.memfabric.contract.vocabulary.HarvestMode;
import java.net.URI;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import javax.sql.DataSource;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.boot.jdbc.autoconfigure.JdbcConnectionDetails;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;

/// Connections to the database that end exactly at a COMMIT: the broker cannot know whether it
/// happened. It says so, and whoever asks again gets what the first request began, if it began
/// anything.
class CutCommitIT {

    private static final long MIB = 1L << 20;

    private static CommitCutter cutter;
    private static TestBroker broker;
    private static JdbcClient jdbc;
    private static Http admin;

    @BeforeAll
    static void start() throws Exception {
        JdbcConnectionDetails there = TestBroker.shared().bean(JdbcConnectionDetails.class);
        String name = "commits" + UUID.randomUUID().toString().substring(0, 8);
        JdbcClient.create(TestBroker.shared().bean(DataSource.class))
                .sql("create database " + name)
                .update();
        URI url = URI.create(there.getJdbcUrl().substring("jdbc:".length()));
        cutter = new CommitCutter(url.getPort());
        broker =
                TestBroker.start(
                        "--memfabric.db-url=jdbc:postgresql://127.0.0.1:%d/%s?sslmode=disable"
                                        .formatted(cutter.port(), name)
                                + "&gssEncMode=disable",
                        "--memfabric.db-user=" + there.getUsername(),
                        "--memfabric.db-password=" + there.getPassword(),
                        "--spring.datasource.hikari.maximum-pool-size=6");
        jdbc = JdbcClient.create(broker.bean(DataSource.class));
        admin = broker.admin();
    }

    @AfterAll
    static void stop() throws Exception {
        broker.close();
        cutter.close();
    }

    @ParameterizedTest
    @EnumSource(Moment.class)
    void carriesAGrantThroughACutAtEachOfItsCommits(Moment moment) {
        FakeAgent lender = FakeAgent.enroll(broker, "lender-" + moment);
        lender.change(broker, HarvestMode.HARVEST, 1L << 40);
        lender.offer(2);
        lender.sync();
        FakeAgent borrower = FakeAgent.enroll(broker, "borrower-" + moment);
        borrower.addVm(VmReport.State.RUNNING, true);
        borrower.report();

        String key = UUID.randomUUID().toString();
        cutter.cut(moment, key);
        assertUnknown(create(borrower, key));
        assertThat(grants(borrower)).hasSize(moment == Moment.BEFORE ? 0 : 1);
        Http.Answer created = create(borrower, key);
        String grant = Fleet.grantOf(created);
        assertThat(Fleet.operationOf(create(borrower, key))).isEqualTo(Fleet.operationOf(created));
        assertThat(grants(borrower)).singleElement().isEqualTo(grant);
        assertThat(claimed(lender)).isEqualTo(2);
        broker.holdInvariants();

        answerAcrossACut(moment, lender);
        assertThat(state(grant)).isEqualTo("PREPARED");
        answerAcrossACut(moment, borrower);
        assertThat(state(grant)).isEqualTo("ACTIVE");

        cutter.cut(moment, "GRANT_RELEASE");
        assertUnknown(admin.delete("/api/v1/grants/" + grant));
        assertThat(state(grant)).isEqualTo(moment == Moment.BEFORE ? "ACTIVE" : "DRAINING");
        assertThat(admin.delete("/api/v1/grants/" + grant).status()).isEqualTo(202);
        assertThat(state(grant)).isEqualTo("DRAINING");
        answerAcrossACut(moment, borrower);
        answerAcrossACut(moment, lender);
        assertThat(state(grant)).isEqualTo("RELEASED");
        assertThat(claimed(lender)).isZero();
        assertThat(
                        jdbc.sql(
                                        "select kind from operations where grant_id = ?::uuid"
                                                + " and done order by kind")
                                .param(grant)
                                .query(String.class)
                                .list())
                .containsExactly("GRANT_CREATE", "GRANT_RELEASE");
        broker.holdInvariants();
        lender.change(broker, HarvestMode.PAUSE, 0);
    }

    /// An agent keeps a result until the broker has it, and so says it again.
    private static void answerAcrossACut(Moment moment, FakeAgent agent) {
        List<AgentCommand> asked = agent.commands();
        assertThat(asked).hasSize(1);
        UUID id = asked.getFirst().commandId();
        cutter.cut(moment, id);
        int cuts = cutter.cuts();
        assertThatThrownBy(agent::obey).hasMessageContaining("database_unavailable");
        assertThat(cutter.cuts()).isEqualTo(cuts + 1);
        assertThat(agent.commands()).hasSize(moment == Moment.BEFORE ? 1 : 0);
        agent.answer(CommandResult.done(id));
        agent.answer(CommandResult.done(id));
        assertThat(agent.commands()).isEmpty();
    }

    /// What the database refuses at the very COMMIT is begun again like any other conflict.
    @Test
    void beginsAgainWhatTheDatabaseRefusesAtItsCommit() {
        jdbc.sql(
                        """
                        create table refused_once (n int);
                        create sequence tries;
                        create function refuse_once() returns trigger language plpgsql as $$
                        begin
                            if nextval('tries') = 1 then
                                raise exception 'not now' using errcode = '40001';
                            end if;
                            return null;
                        end $$;
                        create constraint trigger refuse_once after insert on refused_once
                            deferrable initially deferred for each row
                            execute function refuse_once();
                        """)
                .update();
        broker.bean(Ledger.class)
                .run(() -> jdbc.sql("insert into refused_once values (1)").update());
        assertThat(jdbc.sql("select count(*) from refused_once").query(Long.class).single())
                .isEqualTo(1);
    }

    private static void assertUnknown(Http.Answer answer) {
        assertThat(answer.status()).as(answer.toString()).isEqualTo(503);
        assertThat(answer.code()).isEqualTo("database_unavailable");
    }

    private static Http.Answer create(FakeAgent borrower, String key) {
        return admin.post(
                "/api/v1/grants",
                Map.of("spec", Fleet.spec(borrower.vmId(), 128 * MIB)),
                "Idempotency-Key",
                key);
    }

    private static List<String> grants(FakeAgent borrower) {
        return admin.get("/api/v1/grants?vmId=" + borrower.vmId())
                .body()
                .get("items")
                .findValuesAsString("id");
    }

    private static String state(String grant) {
        JsonNode body = admin.get("/api/v1/grants/" + grant).body();
        return body.at("/status/state").asString();
    }

    private static int claimed(FakeAgent lender) {
        return jdbc.sql("select count(*) from regions where host_id = ? and state = 'CLAIMED'")
                .param(lender.hostId())
                .query(Integer.class)
                .single();
    }
}
