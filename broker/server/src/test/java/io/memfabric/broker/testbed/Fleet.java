package io.memfabric.broker.testbed;

import io.memfabric.contract.agent.VmReport;
import io.memfabric.contract.vocabulary.HarvestMode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import tools.jackson.databind.JsonNode;

/// The hosts of one test and what a caller does with them. Its lenders lend to nobody else: they
/// stop lending when the test ends, before the next one begins, and its grants are released, so that
/// none is repaired with the regions of the next one.
public final class Fleet implements AutoCloseable {

    private static final AtomicInteger NAMES = new AtomicInteger();

    private final TestBroker broker = TestBroker.shared();
    private final Http admin = broker.admin();
    private final List<FakeAgent> agents = new ArrayList<>();

    /// A host that lends this many regions.
    public FakeAgent lender(int regions) {
        return lender(regions, 1L << 40);
    }

    public FakeAgent lender(int regions, long lendLimitBytes) {
        FakeAgent agent = host();
        agent.change(broker, HarvestMode.HARVEST, lendLimitBytes);
        agent.offer(regions);
        agent.sync();
        return agent;
    }

    /// A host with one running VM that has the guest daemon.
    public FakeAgent borrower() {
        FakeAgent agent = host();
        agent.addVm(VmReport.State.RUNNING, true);
        agent.report();
        return agent;
    }

    public FakeAgent host() {
        FakeAgent agent = FakeAgent.enroll(broker, "host-" + NAMES.incrementAndGet());
        agents.add(agent);
        return agent;
    }

    public Http admin() {
        return admin;
    }

    /// A specification that asks for memory to swap on.
    public static Map<String, Object> spec(UUID vmId, Object sizeBytes) {
        Map<String, Object> spec = new LinkedHashMap<>();
        spec.put("vmId", vmId);
        spec.put("sizeBytes", sizeBytes);
        spec.put("attachMode", "SWAP");
        return spec;
    }

    public Http.Answer create(Map<String, Object> spec, String key) {
        hear();
        return post(spec, key);
    }

    public Http.Answer create(Map<String, Object> spec) {
        return create(spec, UUID.randomUUID().toString());
    }

    /// Like [#create], from many threads at once.
    public Http.Answer post(Map<String, Object> spec, String key) {
        return admin.post("/api/v1/grants", Map.of("spec", spec), "Idempotency-Key", key);
    }

    /// Lets every host be heard, so that a slow machine makes none unreachable.
    public void hear() {
        agents.forEach(FakeAgent::report);
    }

    /// Lets every host say everything.
    public void sync() {
        agents.forEach(FakeAgent::sync);
    }

    /// A grant that is active on these hosts.
    public String active(FakeAgent borrower, long bytes, int copies) {
        Map<String, Object> spec = spec(borrower.vmId(), bytes);
        spec.put("copies", copies);
        String grant = grantOf(create(spec));
        settle();
        if (!state(grant).equals("ACTIVE")) {
            throw new IllegalStateException(grant + " is " + state(grant));
        }
        return grant;
    }

    /// Lets every host obey until nobody has anything to do.
    public void settle() {
        for (int round = 0; round < 10; round++) {
            if (agents.stream().allMatch(agent -> agent.obey().isEmpty())) {
                return;
            }
        }
        throw new IllegalStateException("the hosts do not come to rest");
    }

    public Http.Answer release(String grant) {
        return admin.delete("/api/v1/grants/" + grant);
    }

    public String state(String grant) {
        return grant(grant).at("/status/state").asString();
    }

    /// What happened to a grant, event by event.
    public List<String> eventTypes(String grant) {
        return admin().get("/api/v1/events?pageSize=200&grantId=" + grant)
                .body()
                .get("items")
                .valueStream()
                .map(event -> event.get("type").asString())
                .toList();
    }

    public JsonNode grant(String grant) {
        return admin.get("/api/v1/grants/" + grant).body();
    }

    public static String grantOf(Http.Answer accepted) {
        if (accepted.status() != 202) {
            throw new IllegalStateException(accepted.toString());
        }
        return accepted.body().at("/operation/grantId").asString();
    }

    public static String operationOf(Http.Answer accepted) {
        return accepted.body().at("/operation/id").asString();
    }

    public JsonNode operation(Http.Answer accepted) {
        return admin.get("/api/v1/operations/" + operationOf(accepted)).body();
    }

    /// The regions of a host, as the ledger has them.
    public List<JsonNode> regions(FakeAgent lender) {
        List<JsonNode> all = new ArrayList<>();
        admin.get("/api/v1/regions?pageSize=200&hostId=" + lender.hostId())
                .body()
                .get("items")
                .forEach(all::add);
        return all;
    }

    public List<String> regionStates(FakeAgent lender) {
        return regions(lender).stream().map(r -> r.at("/status/state").asString()).toList();
    }

    @Override
    public void close() {
        agents.forEach(agent -> agent.change(broker, HarvestMode.PAUSE, 0));
        agents.stream()
                .flatMap(agent -> agent.vmIds().stream())
                .flatMap(vm -> unreleased(vm).stream())
                .forEach(this::release);
    }

    private List<String> unreleased(UUID vmId) {
        return admin.get(
                        "/api/v1/grants?pageSize=200&state=RESERVED,PREPARED,ACTIVE,"
                                + "DEGRADED,RECALLING,QUARANTINED&vmId="
                                + vmId)
                .body()
                .get("items")
                .findValuesAsString("id");
    }
}
