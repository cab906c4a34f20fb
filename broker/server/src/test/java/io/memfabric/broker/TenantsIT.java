package io.memfabric.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.memfabric.broker.testbed.FakeAgent;
import io.memfabric.broker.testbed.Fleet;
import io.memfabric.broker.testbed.Http;
import io.memfabric.broker.testbed.TestBroker;
import io.memfabric.broker.testbed.Tokens;
import io.memfabric.contract.agent.VmReport;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;

/// What a tenant sees, may have, and is told that it used.
class TenantsIT {

    private static final long MIB = 1L << 20;

    private final TestBroker broker = TestBroker.shared();
    private final Tokens tokens = new Tokens();
    private final Fleet fleet = new Fleet();

    @AfterEach
    void retire() {
        fleet.close();
    }

    @Test
    void showsATenantOnlyWhatIsItsOwn() {
        fleet.lender(4);
        String ours = tokens.tenant(null, null);
        FakeAgent mine = vmOf(ours);
        FakeAgent theirs = vmOf(tokens.tenant(null, null));
        String grant = Fleet.grantOf(fleet.create(Fleet.spec(mine.vmId(), 64 * MIB)));
        fleet.create(Fleet.spec(theirs.vmId(), 64 * MIB));
        Http viewer = tokens.caller(ours, "tenant-viewer");
        assertThat(ids(viewer.get("/api/v1/vms"))).containsExactly(mine.vmId().toString());
        assertThat(ids(viewer.get("/api/v1/vms?hostId=" + theirs.hostId()))).isEmpty();
        assertThat(ids(viewer.get("/api/v1/grants"))).containsExactly(grant);
        assertThat(ids(viewer.get("/api/v1/grants?vmId=" + theirs.vmId()))).isEmpty();
        assertThat(ids(viewer.get("/api/v1/operations"))).hasSize(1);
        assertThat(ids(viewer.get("/api/v1/tenants"))).containsExactly(ours);
        JsonNode events = viewer.get("/api/v1/events?pageSize=200").body().get("items");
        assertThat(events.findValuesAsString("grantId")).isNotEmpty().allMatch(grant::equals);
    }

    @Test
    void case3AnswersForABodyThatNamesAnothersVmAsForOneThatIsNot() {
        String ours = tokens.tenant(null, null);
        FakeAgent theirs = vmOf(tokens.tenant(null, null));
        Http operator = tokens.caller(ours, "tenant-operator");
        UUID nobody = UUID.randomUUID();
        Http.Answer foreign = create(operator, theirs.vmId(), 64 * MIB);
        Http.Answer missing = create(operator, nobody, 64 * MIB);
        assertThat(foreign.status()).isEqualTo(404);
        assertThat(foreign.body().toString().replace(theirs.vmId().toString(), nobody.toString()))
                .isEqualTo(missing.body().toString());
    }

    /// Nothing of what can be asked tells another's grant from one that is not there. That both take
    /// the same time is a figure of the benchmark: here it is the same question to the ledger.
    @Test
    void case3TellsNothingOfAnothersGrantInAnyPlace() {
        fleet.lender(4);
        FakeAgent theirs = vmOf(tokens.tenant(null, null));
        String grant = fleet.active(theirs, 64 * MIB, 1);
        String operation =
                broker.admin()
                        .get("/api/v1/operations?grantId=" + grant)
                        .body()
                        .at("/items/0/id")
                        .asString();
        String etag = broker.admin().get("/api/v1/grants/" + grant).etag().orElseThrow();
        Http operator = tokens.caller(tokens.tenant(null, null), "tenant-operator");
        String nobody = UUID.randomUUID().toString();
        for (String path :
                List.of(
                        "GET /api/v1/grants/GRANT",
                        "GET /api/v1/grants/GRANT/explain",
                        "DELETE /api/v1/grants/GRANT",
                        "GET /api/v1/operations/OPERATION",
                        "GET /api/v1/operations/OPERATION?wait=0",
                        "GET /api/v1/vms/VM",
                        "GET /api/v1/vms/VM/explain",
                        "GET /api/v1/vms/VM/tenant",
                        "GET /api/v1/grants?vmId=VM",
                        "GET /api/v1/grants?state=ACTIVE&vmId=VM",
                        "GET /api/v1/operations?grantId=GRANT",
                        "GET /api/v1/events?grantId=GRANT",
                        "GET /api/v1/events?vmId=VM",
                        "GET /api/v1/vms?hostId=HOST")) {
            String method = path.substring(0, path.indexOf(' '));
            String template = path.substring(method.length() + 1);
            String named =
                    template.replace("GRANT", grant)
                            .replace("OPERATION", operation)
                            .replace("VM", theirs.vmId().toString())
                            .replace("HOST", theirs.hostId().toString());
            String unknown = template.replaceAll("GRANT|OPERATION|VM|HOST", nobody);
            for (String tag : List.of(etag, "\"999\"")) {
                Http.Answer foreign = operator.send(method, named, null, "If-Match", tag);
                Http.Answer missing = operator.send(method, unknown, null, "If-Match", tag);
                assertThat(foreign.status()).as(path).isEqualTo(missing.status());
                assertThat(
                                foreign.body()
                                        .toString()
                                        .replaceAll(
                                                grant
                                                        + "|"
                                                        + operation
                                                        + "|"
                                                        + theirs.vmId()
                                                        + "|"
                                                        + theirs.hostId(),
                                                nobody))
                        .as(path)
                        .isEqualTo(missing.body().toString());
            }
        }
        assertThat(fleet.state(grant)).isEqualTo("ACTIVE");
    }

    @Test
    void case2HoldsAQuotaAgainstSizesThatWouldOverflowIt() {
        fleet.lender(4);
        String tenant = tokens.tenant(128 * MIB, null);
        FakeAgent borrower = vmOf(tenant);
        Http operator = tokens.caller(tenant, "tenant-operator");
        for (String size :
                List.of(
                        "9223372036854775807",
                        "-1",
                        "0",
                        "1e400",
                        "\"1GiB\"",
                        "NaN",
                        "9223372036854775808",
                        "1.5",
                        "1099511627777")) {
            Http.Answer answer = raw(operator, borrower.vmId(), size);
            assertThat(answer.status()).as(size).isIn(400, 422);
            assertThat(answer.code()).as(size).isIn("invalid_size", "malformed_request");
        }
        assertThat(create(operator, borrower.vmId(), 1L << 40).code()).isEqualTo("quota_exceeded");
        assertThat(raw(operator, borrower.vmId(), "1").status()).isEqualTo(202);
        assertThat(raw(operator, borrower.vmId(), "4095").status()).isEqualTo(202);
        assertThat(raw(operator, borrower.vmId(), "1").code()).isEqualTo("quota_exceeded");
    }

    @Test
    void givesNoMoreThanTheQuotaToRequestsAtOnce() throws Exception {
        fleet.lender(16);
        String tenant = tokens.tenant(null, 3);
        FakeAgent borrower = vmOf(tenant);
        Http operator = tokens.caller(tenant, "tenant-operator");
        Callable<Integer> ask = () -> create(operator, borrower.vmId(), 64 * MIB).status();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Integer>> answers =
                    threads.invokeAll(java.util.Collections.nCopies(12, ask));
            int given = 0;
            for (Future<Integer> answer : answers) {
                given += answer.get() == 202 ? 1 : 0;
            }
            assertThat(given).isEqualTo(3);
        }
    }

    @Test
    void refusesAClassThatTheTenantMayNotHave() {
        String tenant = tokens.tenant(null, null);
        FakeAgent borrower = vmOf(tenant);
        Http.Answer before = broker.admin().get("/api/v1/tenants/" + tenant);
        Http.Answer changed =
                broker.admin()
                        .patch(
                                "/api/v1/tenants/" + tenant,
                                Map.of("spec", Map.of("latencyClasses", List.of("LOW"))),
                                "If-Match",
                                before.etag().orElseThrow());
        assertThat(changed.status()).isEqualTo(200);
        assertThat(create(broker.admin(), borrower.vmId(), 64 * MIB).code())
                .isEqualTo("latency_class_not_allowed");
    }

    @Test
    void placesNothingOnAHostWhoseTenantsDoNotLendToTheBorrower() {
        FakeAgent lender = fleet.lender(2);
        String theirs = tokens.tenant(null, null);
        String ours = tokens.tenant(null, null);
        lender.addVm(VmReport.State.RUNNING, true);
        lender.report();
        tokens.assign(lender.vmId(), theirs);
        FakeAgent borrower = vmOf(ours);
        lendTo(theirs, "ITSELF");
        assertThat(create(broker.admin(), borrower.vmId(), 64 * MIB).code())
                .isEqualTo("insufficient_capacity");
        FakeAgent sibling = vmOf(theirs);
        assertThat(create(broker.admin(), sibling.vmId(), 64 * MIB).status()).isEqualTo(202);
        lendTo(theirs, "NOBODY");
        assertThat(create(broker.admin(), sibling.vmId(), 64 * MIB).code())
                .isEqualTo("insufficient_capacity");
        lendTo(theirs, "EVERYBODY");
        assertThat(create(broker.admin(), borrower.vmId(), 64 * MIB).status()).isEqualTo(202);
    }

    private void lendTo(String tenant, String whom) {
        String path = "/api/v1/tenants/" + tenant;
        Http.Answer changed =
                broker.admin()
                        .patch(
                                path,
                                Map.of("spec", Map.of("lendTo", whom)),
                                "If-Match",
                                broker.admin().get(path).etag().orElseThrow());
        assertThat(changed.status()).isEqualTo(200);
    }

    @Test
    void keepsAVmWithItsTenantWhileItHasGrants() {
        fleet.lender(2);
        String tenant = tokens.tenant(null, null);
        FakeAgent borrower = vmOf(tenant);
        fleet.create(Fleet.spec(borrower.vmId(), 64 * MIB));
        Http.Answer answer =
                broker.admin()
                        .send(
                                "PUT",
                                "/api/v1/vms/" + borrower.vmId() + "/tenant",
                                "{\"tenantId\":\"" + Tokens.DEFAULT_TENANT + "\"}");
        assertThat(answer.code()).isEqualTo("vm_has_grants");
        assertThat(broker.admin().delete("/api/v1/tenants/" + tenant).code())
                .isEqualTo("tenant_in_use");
    }

    @Test
    void addsUpWhatATenantBorrowed() {
        fleet.lender(2);
        String tenant = tokens.tenant(null, null);
        FakeAgent borrower = vmOf(tenant);
        String grant = fleet.active(borrower, 64 * MIB, 1);
        Http viewer = tokens.caller(tenant, "tenant-viewer");
        String path = "/api/v1/tenants/" + tenant + "/usage";
        assertThat(borrowed(viewer.get(path))).isPositive();
        fleet.release(grant);
        fleet.settle();
        long after = borrowed(viewer.get(path));
        assertThat(borrowed(viewer.get(path))).isEqualTo(after);
        Http.Text table = viewer.text(path, "text/csv");
        assertThat(table.type()).startsWith("text/csv");
        assertThat(table.body()).startsWith("tenant_id,hour,").contains(tenant + ",");
        assertThat(viewer.get(path + "?from=2000-01-01T00:00:00Z").code())
                .isEqualTo("invalid_time_range");
    }

    private static long borrowed(Http.Answer usage) {
        long sum = 0;
        for (JsonNode hour : usage.body().get("hours")) {
            sum += hour.at("/borrowedByteSeconds").asLong();
        }
        return sum;
    }

    private FakeAgent vmOf(String tenant) {
        FakeAgent borrower = fleet.borrower();
        tokens.assign(borrower.vmId(), tenant);
        return borrower;
    }

    private Http.Answer create(Http caller, UUID vmId, long bytes) {
        return raw(caller, vmId, Long.toString(bytes));
    }

    private Http.Answer raw(Http caller, UUID vmId, String size) {
        fleet.hear();
        return caller.postRaw(
                "/api/v1/grants",
                "{\"spec\":{\"vmId\":\"%s\",\"sizeBytes\":%s,\"attachMode\":\"SWAP\"}}"
                        .formatted(vmId, size),
                "Idempotency-Key",
                UUID.randomUUID().toString());
    }

    private static List<String> ids(Http.Answer page) {
        return page.body().get("items").findValuesAsString("id");
    }
}
