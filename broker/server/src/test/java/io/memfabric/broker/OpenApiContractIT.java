package io.memfabric.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.memfabric.broker.testbed.FakeAgent;
import io.memfabric.broker.testbed.Fleet;
import io.memfabric.broker.testbed.Http;
import io.memfabric.broker.testbed.OpenApi;
import io.memfabric.broker.testbed.SchemaCheck;
import io.memfabric.broker.testbed.TestBroker;
import io.memfabric.broker.testbed.Tokens;
import io.memfabric.broker.web.ProblemCode;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.springframework.web.bind.annotation.RequestMethod;
import org.springframework.web.servlet.mvc.method.RequestMappingInfo;
import org.springframework.web.servlet.mvc.method.annotation.RequestMappingHandlerMapping;
import tools.jackson.databind.JsonNode;

/// What is written down is what the broker does, and the reverse.
class OpenApiContractIT {

    private static final long MIB = 1L << 20;

    @Test
    void hasExactlyTheRoutesThatAreWrittenDown() throws IOException {
        RequestMappingHandlerMapping mapping =
                TestBroker.shared()
                        .bean("requestMappingHandlerMapping", RequestMappingHandlerMapping.class);
        Set<String> served = new TreeSet<>();
        mapping.getHandlerMethods()
                .forEach(
                        (info, method) -> {
                            if (method.getBeanType().getName().startsWith("io.memfabric.")) {
                                served.addAll(routes(info));
                            }
                        });
        Set<String> written =
                OpenApi.read().routes().stream()
                        .map(OpenApi.Route::toString)
                        .filter(route -> !route.startsWith("GET /actuator/health"))
                        .collect(Collectors.toCollection(TreeSet::new));
        assertThat(served).isEqualTo(written);
    }

    private static Set<String> routes(RequestMappingInfo info) {
        Set<String> routes = new TreeSet<>();
        for (RequestMethod method : info.getMethodsCondition().getMethods()) {
            info.getPatternValues().forEach(path -> routes.add(method + " " + path));
        }
        return routes;
    }

    @Test
    void hasExactlyTheProblemCodesThatAreWrittenDown() throws IOException {
        Set<String> written = new TreeSet<>();
        OpenApi.read()
                .schema("Problem")
                .at("/properties/code/enum")
                .forEach(code -> written.add(code.asString()));
        assertThat(written)
                .isEqualTo(
                        Arrays.stream(ProblemCode.values())
                                .map(ProblemCode::wire)
                                .collect(Collectors.toCollection(TreeSet::new)));
    }

    @Test
    void answersAsItIsWrittenDown() throws IOException {
        OpenApi api = OpenApi.read();
        try (Fleet fleet = new Fleet()) {
            FakeAgent lender = fleet.lender(3);
            FakeAgent borrower = fleet.borrower();
            borrower.decide(1, "IDLE");
            Http.Answer created = fleet.create(Fleet.spec(borrower.vmId(), 64 * MIB));
            check(api, "POST", "/api/v1/grants", created);
            String grant = Fleet.grantOf(created);
            check(api, "GET", "/agent/v1/commands", lender.http().get("/agent/v1/commands"));
            lender.obey();
            check(api, "GET", "/agent/v1/commands", borrower.http().get("/agent/v1/commands"));
            borrower.refuse("no_free_slot");
            Http.Answer recall =
                    fleet.admin()
                            .post(
                                    "/api/v1/hosts/" + lender.hostId() + "/recalls",
                                    Map.of("spec", Map.of("bytes", 64 * MIB)),
                                    "Idempotency-Key",
                                    "shape");
            check(api, "POST", "/api/v1/hosts/{id}/recalls", recall);
            Map<String, String> examples =
                    Map.of(
                            "grants", grant,
                            "recalls", recall.body().get("id").asString(),
                            "operations", Fleet.operationOf(created),
                            "hosts", lender.hostId().toString(),
                            "vms", borrower.vmId().toString(),
                            "tenants", Tokens.DEFAULT_TENANT,
                            "policies", "1",
                            "webhooks", webhook(fleet));
            for (OpenApi.Route route : api.routes()) {
                if (route.method().equals("GET")
                        && route.path().startsWith("/api/")
                        && !route.path().startsWith("/api/v1/quarantine/")
                        && !route.path().startsWith("/api/v1/sign-in/oidc")) {
                    String collection = route.path().split("/", -1)[3];
                    String path =
                            route.path()
                                    .replaceAll("\\{[^}]+}", examples.getOrDefault(collection, ""));
                    check(api, "GET", route.path(), fleet.admin().get(path));
                }
            }
            check(
                    api,
                    "POST",
                    "/api/v1/join-tokens",
                    fleet.admin().post("/api/v1/join-tokens", Map.of("hostName", "shape")));
            JsonNode problem = fleet.admin().get("/api/v1/nothing").body();
            assertThat(SchemaCheck.errors(api, api.schema("Problem"), problem)).isEmpty();
        }
    }

    /// One that hears of nothing: there is no event of that type.
    private static String webhook(Fleet fleet) {
        return Tokens.post(
                        fleet.admin(),
                        "/api/v1/webhooks",
                        Map.of(
                                "spec",
                                Map.of(
                                        "url",
                                        "http://127.0.0.1:9/",
                                        "types",
                                        List.of("no_such_event"))))
                .body()
                .at("/id")
                .asString();
    }

    private static void check(OpenApi api, String method, String path, Http.Answer answer) {
        JsonNode schema = api.answer(method, path, answer.status());
        assertThat(SchemaCheck.errors(api, schema, answer.body()))
                .as(method + " " + path + " " + answer.body())
                .isEmpty();
    }
}
