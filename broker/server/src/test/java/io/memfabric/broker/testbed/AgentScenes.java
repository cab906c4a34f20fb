package io.memfabric.broker.testbed;

import io.memfabric.contract.agent.CertificateRenewal;
import io.memfabric.contract.agent.CommandResult;
import io.memfabric.contract.agent.EnrollRequest;
import io.memfabric.contract.agent.HostInventory;
import io.memfabric.contract.agent.HostReport;
import io.memfabric.contract.agent.MemoryReport;
import io.memfabric.contract.agent.RegionReport;
import io.memfabric.contract.agent.RoundTripReport;
import io.memfabric.contract.agent.VmReport;
import io.memfabric.contract.vocabulary.HarvestMode;
import java.security.KeyPair;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.function.BiConsumer;

/// Brings about what the broker answers to agents.
final class AgentScenes {

    private static final long MIB = 1L << 20;

    private final TestBroker broker = TestBroker.shared();
    private final Fleet fleet;
    private final BiConsumer<OpenApi.Route, Http.Answer> check;

    private AgentScenes(Fleet fleet, BiConsumer<OpenApi.Route, Http.Answer> check) {
        this.fleet = fleet;
        this.check = check;
    }

    static void play(BiConsumer<OpenApi.Route, Http.Answer> check) {
        try (Fleet fleet = new Fleet()) {
            AgentScenes scenes = new AgentScenes(fleet, check);
            scenes.enrollment();
            scenes.reports();
            scenes.growth();
        }
    }

    private void enrollment() {
        String route = "/agent/v1/enroll";
        String name = "scene-" + UUID.randomUUID();
        Http host =
                broker.caller(
                        broker.admin()
                                .post("/api/v1/join-tokens", Map.of("hostName", name))
                                .body()
                                .get("token")
                                .asString());
        post(host, route, enroll("another", Requests.pem()));
        KeyPair rsa = Requests.keys("RSA", 2048);
        String wrong = Requests.pem(rsa, rsa, "SHA256withRSA");
        post(host, route, enroll(name, wrong));
        Http.Answer enrolled = post(host, route, enroll(name, Requests.pem()));
        post(host, route, enroll(name, Requests.pem()));
        Http agent = broker.caller(enrolled.body().get("agentToken").asString());
        post(agent, "/agent/v1/certificates", new CertificateRenewal(Requests.pem()));
        post(agent, "/agent/v1/certificates", new CertificateRenewal(wrong));
        String one = "/api/v1/hosts/" + enrolled.body().get("hostId").asString();
        broker.admin()
                .patch(
                        one,
                        Map.of("spec", Map.of("scheduling", "DRAINED")),
                        "If-Match",
                        broker.admin().get(one).etag().orElseThrow());
        broker.admin().delete(one);
    }

    private static EnrollRequest enroll(String name, String request) {
        return new EnrollRequest(name, "192.0.2.1:7700", "0.1.0", request);
    }

    private void reports() {
        FakeAgent agent = fleet.borrower();
        Http http = agent.http();
        VmReport vm =
                VmReport.silent(
                        agent.vmId(),
                        "twice",
                        VmReport.State.RUNNING,
                        MIB,
                        MIB,
                        null,
                        MIB,
                        false,
                        null);
        post(http, "/agent/v1/reports", report(agent.bootId(), 1000, List.of(vm)));
        post(http, "/agent/v1/reports", report(agent.bootId(), 1001, List.of(vm, vm)));
        RegionReport region = new RegionReport(1, 0, RegionReport.State.FREE, null, 0);
        String inventories = "/agent/v1/inventories";
        post(http, inventories, new HostInventory(agent.bootId(), List.of(), List.of()));
        post(
                http,
                inventories,
                new HostInventory(agent.bootId(), List.of(region, region), List.of()));
        post(http, "/agent/v1/round-trips", new RoundTripReport(null, List.of()));
        check.accept(new OpenApi.Route("POST", "/agent/v1/decisions"), agent.decide(1, "IDLE"));
        check.accept(
                new OpenApi.Route("GET", "/agent/v1/commands"), http.get("/agent/v1/commands"));
        post(http, "/agent/v1/results", CommandResult.done(UUID.randomUUID()));
    }

    private static HostReport report(UUID bootId, long sequence, List<VmReport> vms) {
        return HostReport.whole(
                bootId,
                sequence,
                HarvestMode.OBSERVE,
                new MemoryReport(8 * MIB, 4 * MIB, MIB, 0, 0, 0, 0),
                vms,
                null,
                null);
    }

    private void growth() {
        OpenApi.Route grow = new OpenApi.Route("POST", "/agent/v1/growth");
        FakeAgent lender = fleet.lender(2);
        FakeAgent agent = fleet.borrower();
        UUID request = UUID.randomUUID();
        check.accept(grow, agent.grow(request, 64 * MIB, UUID.randomUUID()));
        check.accept(grow, agent.grow(request, 64 * MIB));
        String vm = "/api/v1/vms/" + agent.vmId();
        Map<String, Object> may = Map.of("enabled", true, "maxBytes", 128 * MIB);
        broker.admin()
                .patch(
                        vm,
                        Map.of("spec", Map.of("memory", Map.of("autoGrow", may))),
                        "If-Match",
                        broker.admin().get(vm).etag().orElseThrow());
        fleet.hear();
        check.accept(grow, agent.grow(request, 64 * MIB));
        lender.commands()
                .forEach(
                        command ->
                                post(
                                        lender.http(),
                                        "/agent/v1/results",
                                        CommandResult.refused(
                                                command.commandId(), "refused", "by the test")));
        String one = "/agent/v1/growth/{id}";
        for (UUID id : List.of(request, UUID.randomUUID())) {
            String path = "/agent/v1/growth/" + id;
            check.accept(new OpenApi.Route("GET", one), agent.http().get(path));
            check.accept(new OpenApi.Route("DELETE", one), agent.http().delete(path));
        }
        fleet.settle();
    }

    private Http.Answer post(Http caller, String path, Object body) {
        Http.Answer answer = caller.post(path, body);
        check.accept(new OpenApi.Route("POST", path), answer);
        return answer;
    }
}
