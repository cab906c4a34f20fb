package io.memfabric.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.memfabric.broker.testbed.FakeAgent;
import io.memfabric.broker.testbed.Fleet;
import io.memfabric.broker.testbed.Http;
import io.memfabric.broker.testbed.TestBroker;
import io.memfabric.broker.testbed.Tokens;
import java.io.IOException;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// What every route of the API has in common: filters, orders, tags, keys and rehearsals.
class ConventionsIT {

    private static final long MIB = 1L << 20;

    private final TestBroker broker = TestBroker.shared();
    private final Http admin = broker.admin();
    private final Fleet fleet = new Fleet();
    private final Tokens tokens = new Tokens();

    @AfterEach
    void retire() {
        fleet.close();
    }

    @Test
    void filtersGrantsAndTurnsTheirOrderAround() {
        fleet.lender(4);
        FakeAgent borrower = fleet.borrower();
        String active = fleet.active(borrower, 64 * MIB, 1);
        String released = fleet.active(borrower, 64 * MIB, 1);
        fleet.release(released);
        fleet.settle();
        String list = "/api/v1/grants?vmId=" + borrower.vmId();
        assertThat(ids(list)).containsExactly(active, released);
        assertThat(ids(list + "&order=desc")).containsExactly(released, active);
        assertThat(ids(list + "&state=ACTIVE")).containsExactly(active);
        assertThat(ids(list + "&state=ACTIVE,RELEASED")).hasSize(2);
        assertThat(ids(list + "&state=ACTIVE&state=FAILED")).containsExactly(active);
        assertThat(ids(list + "&tenantId=" + UUID.randomUUID())).isEmpty();
        assertThat(ids("/api/v1/grants?borrowerId=" + borrower.hostId())).hasSize(2);
        assertThat(admin.get(list + "&state=NONE").code()).isEqualTo("malformed_request");
        assertThat(admin.get(list + "&order=up").code()).isEqualTo("invalid_order");

        Http.Answer page = admin.get(list + "&order=desc&pageSize=1");
        assertThat(page.body().at("/items/0/id").asString()).isEqualTo(released);
        String next = page.body().at("/nextPageToken").asString();
        assertThat(ids(list + "&order=desc&pageSize=1&pageToken=" + next)).containsExactly(active);
    }

    @Test
    void filtersTheOtherLists() {
        FakeAgent lender = fleet.lender(2);
        FakeAgent borrower = fleet.borrower();
        String host = lender.hostId().toString();
        assertThat(ids("/api/v1/hosts?name=" + lender.name())).containsExactly(host);
        assertThat(ids("/api/v1/hosts?name=" + lender.name() + "&mode=OBSERVE")).isEmpty();
        assertThat(ids("/api/v1/hosts?pageSize=200&mode=HARVEST&scheduling=OPEN")).contains(host);
        assertThat(ids("/api/v1/vms?hostId=" + borrower.hostId() + "&state=RUNNING")).hasSize(1);
        assertThat(ids("/api/v1/vms?hostId=" + borrower.hostId() + "&state=OFF")).isEmpty();
        assertThat(ids("/api/v1/vms?name=" + borrower.name() + "-vm0")).hasSize(1);
        assertThat(ids("/api/v1/regions?state=FREE&hostId=" + host)).hasSize(2);
        assertThat(ids("/api/v1/regions?state=CLAIMED&hostId=" + host)).isEmpty();
        assertThat(ids("/api/v1/tenants?name=default")).containsExactly(Tokens.DEFAULT_TENANT);
        assertThat(ids("/api/v1/recalls?state=OPEN&hostId=" + host)).isEmpty();
        Http.Answer audit = admin.get("/api/v1/audit?order=desc&pageSize=2");
        assertThat(audit.body().at("/items/0/id").asLong())
                .isGreaterThan(audit.body().at("/items/1/id").asLong());
    }

    @Test
    void refusesWhatNoRequestMayHaveBeforeAnythingIsDone() {
        assertThat(admin.get("/api/v1/hosts?name=%00").code()).isEqualTo("malformed_request");
        assertThat(admin.get("/api/v1/regions?state=FREE,,").code()).isEqualTo("malformed_request");
        Http.Answer made =
                admin.post(
                        "/api/v1/tenants",
                        Map.of("spec", Map.of("name", "t")),
                        "Accept",
                        "text/html");
        assertThat(made.status()).isEqualTo(406);
        assertThat(ids("/api/v1/tenants?name=t")).isEmpty();
    }

    @Test
    void showsATenantNothingMoreByFilters() {
        FakeAgent theirs = fleet.borrower();
        String foreign = tokens.tenant(null, null);
        tokens.assign(theirs.vmId(), foreign);
        Http viewer = tokens.caller(tokens.tenant(null, null), "tenant-viewer");
        for (String list :
                List.of(
                        "/api/v1/vms?tenantId=" + foreign,
                        "/api/v1/vms?name=" + theirs.name() + "-vm0",
                        "/api/v1/grants?tenantId=" + foreign,
                        "/api/v1/grants?borrowerId=" + theirs.hostId())) {
            assertThat(viewer.get(list).body().get("items")).as(list).isEmpty();
        }
    }

    @Test
    void releasesAGrantOnlyAsItWasSeenWhereATagIsNamed() {
        fleet.lender(1);
        String grant = fleet.active(fleet.borrower(), 64 * MIB, 1);
        String path = "/api/v1/grants/" + grant;
        assertThat(admin.send("DELETE", path, null, "If-Match", "\"0\"").code())
                .isEqualTo("revision_conflict");
        assertThat(fleet.state(grant)).isEqualTo("ACTIVE");
        String etag = admin.get(path).etag().orElseThrow();
        assertThat(admin.send("DELETE", path, null, "If-Match", etag).status()).isEqualTo(202);
        fleet.settle();
    }

    @Test
    void givesAVmAwayOnlyFromTheTenantThatWasSeen() {
        FakeAgent host = fleet.borrower();
        String first = tokens.tenant(null, null);
        String path = "/api/v1/vms/" + host.vmId() + "/tenant";
        String before = admin.get(path).etag().orElseThrow();
        String body = "{\"tenantId\":\"" + first + "\"}";
        assertThat(admin.send("PUT", path, body, "If-Match", before).status()).isEqualTo(200);
        String back = "{\"tenantId\":\"" + Tokens.DEFAULT_TENANT + "\"}";
        assertThat(admin.send("PUT", path, back, "If-Match", before).status()).isEqualTo(412);
    }

    @Test
    void answersAJoinTokenOnceForAKey() {
        String key = UUID.randomUUID().toString();
        Map<String, String> body = Map.of("hostName", "keyed");
        Http.Answer first = admin.post("/api/v1/join-tokens", body, "Idempotency-Key", key);
        Http.Answer again = admin.post("/api/v1/join-tokens", body, "Idempotency-Key", key);
        assertThat(first.body().has("token")).isTrue();
        assertThat(again.status()).isEqualTo(201);
        assertThat(again.body().has("token")).isFalse();
        assertThat(again.body().get("expiresAt")).isEqualTo(first.body().get("expiresAt"));
        assertThat(
                        admin.post(
                                        "/api/v1/join-tokens",
                                        Map.of("hostName", "other"),
                                        "Idempotency-Key",
                                        key)
                                .code())
                .isEqualTo("idempotency_key_reused");
    }

    @Test
    void triesWhateverChangesWithoutChangingIt() {
        FakeAgent lender = fleet.lender(2);
        FakeAgent borrower = fleet.borrower();
        String host = "/api/v1/hosts/" + lender.hostId();
        Http.Answer before = admin.get(host);
        Http.Answer tried =
                admin.patch(
                        host + "?validateOnly=true",
                        Map.of("spec", Map.of("scheduling", "DRAINED")),
                        "If-Match",
                        before.etag().orElseThrow());
        assertThat(tried.status()).isEqualTo(200);
        assertThat(tried.body().at("/spec/scheduling").asString()).isEqualTo("DRAINED");
        assertThat(admin.get(host).body().get("spec")).isEqualTo(before.body().get("spec"));
        assertThat(admin.get(host).etag()).isEqualTo(before.etag());

        String name = "t-" + UUID.randomUUID();
        String key = UUID.randomUUID().toString();
        Map<String, Object> tenant = Map.of("spec", Map.of("name", name));
        String tenants = "/api/v1/tenants";
        Http.Answer rehearsed =
                admin.post(tenants + "?validateOnly=true", tenant, "Idempotency-Key", key);
        assertThat(rehearsed.status()).isEqualTo(201);
        assertThat(ids(tenants + "?name=" + name)).isEmpty();
        assertThat(admin.post(tenants, tenant, "Idempotency-Key", key).status()).isEqualTo(201);
        assertThat(
                        admin.post(
                                        tenants + "?validateOnly=true",
                                        tenant,
                                        "Idempotency-Key",
                                        UUID.randomUUID().toString())
                                .code())
                .as("what would be refused is refused")
                .isEqualTo("name_taken");

        String grant = fleet.active(borrower, 64 * MIB, 1);
        String path = "/api/v1/grants/" + grant;
        assertThat(admin.delete(path + "?validateOnly=true").status()).isEqualTo(202);
        assertThat(fleet.state(grant)).isEqualTo("ACTIVE");
        assertThat(admin.delete(path + "?validateOnly=maybe").code())
                .isEqualTo("malformed_request");
        assertThat(
                        admin.post(
                                        host + "/recalls?validateOnly=true",
                                        Map.of("spec", Map.of("bytes", 64 * MIB)),
                                        "Idempotency-Key",
                                        key)
                                .status())
                .isEqualTo(202);
        assertThat(ids("/api/v1/recalls?hostId=" + lender.hostId())).isEmpty();
    }

    @Test
    void answersWhatIsNoHttpWithAProblemToo() throws IOException {
        for (String start :
                List.of(
                        "GET /api/v1/hosts?a=[b] HTTP/1.1",
                        "GET /api/v1/%2F HTTP/1.1",
                        "GET /api/v1/hosts HTTP/9.9",
                        "GET /api/v1/grants?vmId=%ff HTTP/1.1")) {
            String answer = raw(start);
            assertThat(answer).as(start).contains("HTTP/1.1 4", "application/problem+json");
            assertThat(answer).as(start).contains("\"code\":");
        }
    }

    private String raw(String start) throws IOException {
        String token =
                tokens.token(Tokens.DEFAULT_TENANT, "tenant-viewer").body().at("/token").asString();
        try (Socket socket = new Socket(broker.address().getHost(), broker.address().getPort())) {
            socket.setSoTimeout(15_000);
            OutputStream out = socket.getOutputStream();
            out.write(
                    (start
                                    + "\r\nHost: b\r\nAuthorization: Bearer "
                                    + token
                                    + "\r\nConnection: close\r\n\r\n")
                            .getBytes(StandardCharsets.US_ASCII));
            out.flush();
            return new String(socket.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    private List<String> ids(String list) {
        List<String> ids = new ArrayList<>();
        admin.get(list).body().get("items").forEach(item -> ids.add(item.at("/id").asString()));
        return ids;
    }
}
