package io.memfabric.broker.fuzz;

import io.memfabric.broker.testbed.FakeAgent;
import io.memfabric.broker.testbed.Fleet;
import io.memfabric.broker.testbed.Http;
import io.memfabric.broker.testbed.TestBroker;
import io.memfabric.broker.testbed.Tokens;
import io.memfabric.contract.agent.VmReport;
import io.memfabric.contract.vocabulary.HarvestMode;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;

/// What there is to ask for: hosts that obey, a tenant, grants, and one of everything else. Requests
/// destroy it; it is mended now and then.
final class FuzzWorld {

    private static final long MIB = 1L << 20;

    private final Fleet fleet;
    private final Map<String, String> ids;
    private final TestBroker broker = TestBroker.shared();
    private final Http admin = broker.admin();
    private final Tokens tokens = new Tokens();
    private final FakeAgent lender;
    private final FakeAgent borrower;
    private final FakeAgent victim;
    private final List<String> apiTokens = new ArrayList<>();
    private final List<String> agentTokens = new ArrayList<>();

    FuzzWorld(Fleet fleet, Map<String, String> ids) throws IOException {
        this.fleet = fleet;
        this.ids = ids;
        lender = fleet.lender(16);
        borrower = fleet.borrower();
        victim = FakeAgent.enroll(admin, broker::caller, "victim");
        victim.addVm(VmReport.State.RUNNING, true);
        victim.sync();
        String tenant = tokens.tenant(null, null);
        ids.put("hosts", lender.hostId().toString());
        ids.put("vms", borrower.vmId().toString());
        ids.put("tenants", tenant);
        ids.put("policies", "1");
        apiTokens.add(Files.readString(broker.dataDir().resolve("admin-token")).strip());
        for (String role :
                List.of("tenant-viewer", "tenant-operator", "fabric-operator", "auditor")) {
            apiTokens.add(tokens.token(Tokens.DEFAULT_TENANT, role).body().at("/token").asString());
        }
        agentTokens.add(victim.token());
        agentTokens.add(apiTokens.getLast());
    }

    /// The tokens that callers of a path have, the one that may most first.
    List<String> tokens(String path) {
        return path.startsWith("/agent/") ? agentTokens : apiTokens;
    }

    /// Makes anew what is gone, and sets what holds for all to what a fabric needs.
    void keepUp() {
        change(
                "/api/v1/fabric",
                Map.of(
                        "harvesting",
                        "ALLOWED",
                        "largestSharePercent",
                        100,
                        "surviveLargestLender",
                        false));
        usualPolicy();
        if (lender.http().get("/agent/v1/commands?revision=-1&wait=0").status() == 401) {
            lender.enrollAgain(admin, broker::caller);
        }
        lender.change(broker, HarvestMode.HARVEST, 1L << 40);
        change("/api/v1/hosts/" + lender.hostId(), Map.of("scheduling", "OPEN"));
        change("/api/v1/hosts/" + borrower.hostId(), Map.of("scheduling", "OPEN"));
        admin.get("/api/v1/recalls?pageSize=200")
                .body()
                .get("items")
                .forEach(r -> admin.delete("/api/v1/recalls/" + r.at("/id").asString()));
        if (lender.offered() < 16) {
            lender.offer(16 - lender.offered());
        }
        fleet.sync();
        fleet.settle();
        releaseAll();
        Http.Answer made = fleet.create(Fleet.spec(borrower.vmId(), 64 * MIB));
        if (made.status() == 202) {
            fleet.settle();
            ids.put("grants", Fleet.grantOf(made));
            ids.put("operations", Fleet.operationOf(made));
        }
        replace("tokens", tokens.token(Tokens.DEFAULT_TENANT, "tenant-viewer"));
        replace(
                "webhooks",
                Tokens.post(
                        admin,
                        "/api/v1/webhooks",
                        Map.of(
                                "spec",
                                Map.of(
                                        "url",
                                        "http://127.0.0.1:9/",
                                        "types",
                                        List.of("no_such_event")))));
        if (admin.get("/api/v1/tenants/" + ids.get("tenants")).status() == 404) {
            ids.put("tenants", tokens.tenant(null, null));
        }
    }

    private void usualPolicy() {
        Http.Answer now = admin.get("/api/v1/policies/current");
        if (now.body().at("/version").asLong() != 1) {
            admin.post(
                    "/api/v1/policies:rollback",
                    Map.of("toVersion", 1),
                    "If-Match",
                    now.etag().orElseThrow(),
                    "Idempotency-Key",
                    UUID.randomUUID().toString());
        }
    }

    private void replace(String collection, Http.Answer made) {
        String old = ids.put(collection, made.body().at("/id").asString());
        if (old != null) {
            admin.delete("/api/v1/" + collection + "/" + old);
        }
    }

    private void releaseAll() {
        admin.get("/api/v1/grants?pageSize=200&vmId=" + borrower.vmId())
                .body()
                .get("items")
                .forEach(grant -> fleet.release(grant.at("/id").asString()));
        fleet.settle();
    }

    private void change(String path, Map<String, Object> spec) {
        admin.patch(path, Map.of("spec", spec), "If-Match", admin.get(path).etag().orElse("\"0\""));
    }

    /// Fails where the broker does not do its work any more.
    void proveItWorks() {
        releaseAll();
        String tenantOfVm = "/api/v1/vms/" + borrower.vmId() + "/tenant";
        admin.send("PUT", tenantOfVm, "{\"tenantId\":\"" + tokens.tenant(null, null) + "\"}");
        String grant = fleet.active(borrower, 64 * MIB, 1);
        fleet.release(grant);
        fleet.settle();
        if (!fleet.state(grant).equals("RELEASED")) {
            throw new AssertionError("a grant cannot be released: " + fleet.grant(grant));
        }
    }
}
