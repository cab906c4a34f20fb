package io.memfabric.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.memfabric.broker.testbed.FakeAgent;
import io.memfabric.broker.testbed.Fleet;
import io.memfabric.broker.testbed.Http;
import io.memfabric.broker.testbed.Poll;
import io.memfabric.broker.testbed.TestBroker;
import io.memfabric.broker.testbed.Tokens;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.jdbc.core.simple.JdbcClient;
import tools.jackson.databind.JsonNode;

/// Who did what is written down, and stays.
class AuditIT {

    private static final long MIB = 1L << 20;

    private final TestBroker broker = TestBroker.shared();
    private final Tokens tokens = new Tokens();
    private final Fleet fleet = new Fleet();

    @AfterEach
    void retire() {
        fleet.close();
    }

    @Test
    void writesDownAGrantsLifeWithWhoCausedIt() {
        fleet.lender(2);
        FakeAgent borrower = fleet.borrower();
        String grant = fleet.active(borrower, 64 * MIB, 1);
        fleet.release(grant);
        fleet.settle();
        List<String> actions = new ArrayList<>();
        List<String> actors = new ArrayList<>();
        for (JsonNode entry : entries("object=grant/" + grant)) {
            actions.add(entry.at("/action").asString());
            actors.add(entry.at("/actor").asString());
        }
        assertThat(actions).contains("grant_reserved", "grant_active", "grant_released");
        assertThat(actors).contains("token:admin");
        assertThat(actors).anyMatch(actor -> actor.startsWith("host:"));
    }

    @Test
    void writesDownTokensTenantsAndRefusedCallersWithoutSecrets() {
        Http.Answer made = tokens.token(tokens.tenant(null, null), "tenant-viewer");
        String id = made.body().at("/id").asString();
        String secret = made.body().at("/token").asString();
        broker.caller(secret).get("/api/v1/hosts");
        broker.admin().delete("/api/v1/tokens/" + id);
        assertThat(entries("object=token/" + id).findValuesAsString("action"))
                .containsExactly("token_created", "token_revoked");
        String actor = "token:" + made.body().at("/spec/name").asString();
        Poll.until(() -> entries("action=access_refused&actor=" + actor).size() == 1);
        assertThat(entries("pageSize=200").toString()).doesNotContain(secret);
    }

    @Test
    void isAChainThatNobodyChanges() {
        tokens.token(Tokens.DEFAULT_TENANT, "tenant-viewer");
        assertThat(verify().at("/whole").asBoolean()).isTrue();
        JdbcClient jdbc = broker.bean(JdbcClient.class);
        assertThatThrownBy(() -> jdbc.sql("update audit set detail = 'x' where id = 1").update())
                .hasMessageContaining("only ever added to");
        assertThatThrownBy(() -> jdbc.sql("delete from audit where id = 1").update())
                .hasMessageContaining("only ever added to");
        assertThatThrownBy(() -> jdbc.sql("truncate audit").update())
                .hasMessageContaining("only ever added to");

        String before =
                jdbc.sql("select detail from audit where id = 1").query(String.class).single();
        change(jdbc, before + "!");
        try {
            assertThat(verify().at("/whole").asBoolean()).isFalse();
            assertThat(verify().at("/firstBroken").asLong()).isEqualTo(1);
        } finally {
            change(jdbc, before);
        }
        assertThat(verify().at("/whole").asBoolean()).isTrue();
    }

    /// What only somebody with the rights of the database's owner can do.
    private static void change(JdbcClient jdbc, String detail) {
        jdbc.sql("alter table audit disable trigger audit_is_append_only").update();
        jdbc.sql("update audit set detail = ? where id = 1").param(detail).update();
        jdbc.sql("alter table audit enable trigger audit_is_append_only").update();
    }

    private JsonNode verify() {
        return broker.admin().get("/api/v1/audit:verify").body();
    }

    private JsonNode entries(String query) {
        return broker.admin().get("/api/v1/audit?" + query).body().get("items");
    }
}
