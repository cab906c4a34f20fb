package io.memfabric.broker.testbed;

import io.memfabric.contract.agent.RegionReport;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/// Brings about the answers that need a state which no single request makes: a grant that lives, a
/// host that is lost, somebody who has signed in. Each scene leaves the fabric as it found it.
final class ContractScenes {

    private static final String NOBODY = "00000000-0000-7000-8000-000000000000";
    private static final long MIB = 1L << 20;

    private final TestBroker broker = TestBroker.shared();
    private final Http admin = broker.admin();
    private final Fleet fleet;
    private final BiConsumer<OpenApi.Route, Http.Answer> check;

    private ContractScenes(Fleet fleet, BiConsumer<OpenApi.Route, Http.Answer> check) {
        this.fleet = fleet;
        this.check = check;
    }

    static void play(BiConsumer<OpenApi.Route, Http.Answer> check) {
        FakeAgent silent = FakeAgent.enroll(TestBroker.shared(), "silent-" + UUID.randomUUID());
        try (Fleet fleet = new Fleet()) {
            ContractScenes scenes = new ContractScenes(fleet, check);
            scenes.grants();
            scenes.recalls();
            scenes.vms();
            scenes.history();
            scenes.people();
            scenes.quarantine();
            scenes.lost(silent);
        }
    }

    private void grants() {
        fleet.lender(4);
        String grant = fleet.active(fleet.borrower(), 64 * MIB, 1);
        String one = "/api/v1/grants/{id}";
        fleet.hear();
        send("PATCH", one, grant, "?validateOnly=true", spec(Map.of("sizeBytes", 128 * MIB)));
        change(one, grant, Map.of("sizeBytes", 0));
        Http.Answer growing = change(one, grant, Map.of("sizeBytes", 128 * MIB));
        Poll.until(
                () -> {
                    fleet.settle();
                    return fleet.operation(growing).at("/done").asBoolean();
                });
        send("POST", one + ":returnToService", grant, "", null);
        Map<String, Object> until = Map.of("expiresAt", "2031-02-03T04:05:06Z");
        send("POST", one + ":renew", grant, "", spec(until));
        Map<String, Object> past = Map.of("expiresAt", "2001-02-03T04:05:06Z");
        send("POST", one + ":renew", grant, "", spec(past));
        FakeAgent doubted = fleet.borrower();
        String held = fleet.active(doubted, 64 * MIB, 1);
        doubted.sayStopped(UUID.fromString(held), "page_lost");
        doubted.sync();
        send("POST", one + ":returnToService", held, "", null);
        doubted.sayStopped(UUID.fromString(held), null);
        doubted.sync();
        send("POST", one + ":returnToService", held, "", null);
        send("DELETE", one, grant, "", null);
        Poll.until(
                () -> {
                    fleet.settle();
                    return fleet.state(grant).equals("RELEASED");
                });
        send("DELETE", one, grant, "", null);
        send("POST", one + ":renew", grant, "", spec(until));
    }

    private void recalls() {
        FakeAgent lender = fleet.lender(1);
        Http.Answer begun =
                send(
                        "POST",
                        "/api/v1/hosts/{id}/recalls",
                        lender.hostId().toString(),
                        "",
                        spec(Map.of("bytes", 64 * MIB)));
        String recall = id(begun);
        send("GET", "/api/v1/recalls/{id}", recall, "", null);
        send("DELETE", "/api/v1/recalls/{id}", recall, "", null);
        fleet.settle();
    }

    private void vms() {
        String vm = fleet.borrower().vmId().toString();
        change("/api/v1/vms/{id}", vm, Map.of("memory", Map.of("weight", 5)));
        String tenant = new Tokens().tenant(null, null);
        send("PUT", "/api/v1/vms/{id}/tenant", vm, "", Map.of("tenantId", tenant));
    }

    private void history() {
        send("GET", "/api/v1/capacity/history", "", "?step=7", null);
        send("GET", "/api/v1/capacity/history", "", "?hostId=" + NOBODY, null);
    }

    private void people() {
        String users = "/api/v1/users";
        String name = "w" + UUID.randomUUID().toString().substring(0, 8);
        List<String> viewer = List.of("tenant-viewer");
        Http.Answer made = send("POST", users, "", "", spec(Map.of("name", name, "roles", viewer)));
        send("POST", users, "", "", spec(Map.of("name", name, "roles", viewer)));
        send("POST", users, "", "", spec(Map.of("name", "two words", "roles", viewer)));
        send(
                "POST",
                users,
                "",
                "",
                spec(Map.of("name", name + "x", "roles", viewer, "tenantId", NOBODY)));
        session(name, made.body().get("password").asString());
        send("DELETE", users + "/{id}", id(made), "", null);
        endEveryAdmin();
    }

    private void session(String name, String password) {
        Browser browser = new Browser(broker.address());
        Http.Answer signedIn =
                browse(
                        browser,
                        "POST",
                        "/api/v1/session",
                        Map.of("name", name, "password", password),
                        "");
        String csrf = signedIn.body().get("csrfToken").asString();
        String change = "/api/v1/session/password";
        browse(browser, "PUT", change, Map.of("current", password, "wanted", "short"), csrf);
        String wanted = "correct horse battery";
        browse(browser, "PUT", change, Map.of("current", password, "wanted", wanted), csrf);
        browse(browser, "DELETE", "/api/v1/session", null, csrf);
    }

    private Http.Answer browse(
            Browser browser, String method, String path, @Nullable Object body, String csrf) {
        Http.Answer answer =
                Http.Answer.of(
                        browser.send(
                                method,
                                path,
                                body == null ? null : Http.JSON.writeValueAsString(body),
                                "X-Memfabric-Csrf",
                                csrf));
        check.accept(new OpenApi.Route(method, path), answer);
        return answer;
    }

    /// The first admin of a broker is the last one too: that one stays.
    private void endEveryAdmin() {
        for (JsonNode user : admin.get("/api/v1/users?pageSize=200").body().get("items")) {
            if (user.at("/spec/roles").toString().contains("\"admin\"")) {
                send("DELETE", "/api/v1/users/{id}", user.get("id").asString(), "", null);
            }
        }
    }

    /// A grant that a lender holds and the ledger does not know.
    private void quarantine() {
        String one = "/api/v1/quarantine/{id}";
        FakeAgent lender = fleet.lender(1);
        UUID unknown = UUID.randomUUID();
        lender.put(new RegionReport(1, 7, RegionReport.State.CLAIMED, unknown, 3));
        lender.sync();
        send("GET", one, unknown.toString(), "", null);
        send("DELETE", one, unknown.toString(), "", null);
        send("DELETE", one, unknown.toString(), "?vouched=true", null);
        lender.sync();
        lender.obey();
        FakeAgent witness = fleet.borrower();
        Poll.until(
                () -> {
                    fleet.sync();
                    return !fleet.create(Fleet.spec(witness.vmId(), 1L << 40))
                            .code()
                            .equals("ledger_recovering");
                });
    }

    private void lost(FakeAgent silent) {
        String host = silent.hostId().toString();
        Poll.until(
                () ->
                        !admin.get("/api/v1/hosts/" + host)
                                .body()
                                .at("/status/reachable")
                                .asBoolean());
        send("POST", "/api/v1/hosts/{id}:declareLost", host, "", spec(Map.of()));
        send("DELETE", "/api/v1/hosts/{id}", host, "", null);
    }

    private Http.Answer change(String template, String id, Object spec) {
        String etag = admin.get(template.replace("{id}", id)).etag().orElseThrow();
        return send("PATCH", template, id, "", spec(spec), "If-Match", etag);
    }

    private Http.Answer send(
            String method,
            String template,
            String id,
            String query,
            @Nullable Object body,
            String... headers) {
        Http.Answer answer =
                admin.send(
                        method,
                        template.replace("{id}", id) + query,
                        body == null ? null : Http.JSON.writeValueAsString(body),
                        headers.length > 0
                                ? headers
                                : new String[] {"Idempotency-Key", UUID.randomUUID().toString()});
        check.accept(new OpenApi.Route(method, template), answer);
        return answer;
    }

    private static Map<String, Object> spec(Object spec) {
        return Map.of("spec", spec);
    }

    private static String id(Http.Answer made) {
        return made.body().at("/id").asString();
    }
}
