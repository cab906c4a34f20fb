package io.memfabric.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.memfabric.broker.testbed.FakeAgent;
import io.memfabric.broker.testbed.Fleet;
import io.memfabric.broker.testbed.Http;
import io.memfabric.broker.testbed.Poll;
import io.memfabric.broker.testbed.TestBroker;
import io.memfabric.broker.testbed.Tokens;
import io.memfabric.contract.agent.VmReport;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/// Requests that are meant to break something.
class HostileBodiesIT {

    private static final long MIB = 1L << 20;

    private final TestBroker broker = TestBroker.shared();
    private final Tokens tokens = new Tokens();
    private final Fleet fleet = new Fleet();

    @AfterEach
    void retire() {
        fleet.close();
    }

    @Test
    void case1LetsOneOfManyBodiesWithOneKeyBegin() throws Exception {
        fleet.lender(16);
        FakeAgent borrower = fleet.borrower();
        String key = UUID.randomUUID().toString();
        List<Callable<Http.Answer>> calls = new ArrayList<>();
        for (int i = 1; i <= 12; i++) {
            long bytes = 64 * MIB * i;
            calls.add(() -> fleet.post(Fleet.spec(borrower.vmId(), bytes), key));
        }
        fleet.hear();
        Set<String> begun = new TreeSet<>();
        for (Http.Answer answer : atOnce(calls)) {
            if (answer.status() == 202) {
                begun.add(Fleet.operationOf(answer));
            } else {
                assertThat(answer.code()).isIn("idempotency_key_reused", "insufficient_capacity");
            }
        }
        assertThat(begun).hasSize(1);
        assertThat(broker.admin().get("/api/v1/grants?vmId=" + borrower.vmId()).body().get("items"))
                .hasSize(1);
    }

    /// 64 callers at once: releases, grants, hosts that go out of service and come back, recalls, and
    /// a VM that is switched off and on.
    @Test
    void case4LeavesNothingClaimedWhereEverythingRaces() throws Exception {
        FakeAgent lender = fleet.lender(8);
        FakeAgent other = fleet.lender(8);
        FakeAgent borrower = fleet.borrower();
        String grant = fleet.active(borrower, 64 * MIB, 1);
        List<Callable<Http.Answer>> calls = new ArrayList<>();
        for (int i = 0; i < 16; i++) {
            boolean even = i % 2 == 0;
            calls.add(() -> fleet.release(grant));
            calls.add(
                    () ->
                            fleet.post(
                                    Fleet.spec(borrower.vmId(), 64 * MIB),
                                    UUID.randomUUID().toString()));
            calls.add(() -> schedule(even ? lender : other, even ? "DRAINED" : "OPEN"));
            calls.add(() -> even ? recall(other) : power(borrower));
        }
        fleet.hear();
        for (Http.Answer answer : atOnce(calls)) {
            assertThat(answer.status()).as(answer.toString()).isIn(200, 202, 409, 412);
        }
        borrower.setVm(borrower.vmId(), VmReport.State.RUNNING, true);
        List.of(lender, other).forEach(host -> schedule(host, "OPEN"));
        endRecalls(lender, other);
        fleet.hear();
        fleet.settle();
        assertThat(fleet.state(grant)).isEqualTo("RELEASED");
        Poll.until(
                () -> {
                    fleet.sync();
                    fleet.settle();
                    List<String> live = live(borrower);
                    live.forEach(fleet::release);
                    return live.isEmpty();
                });
        // A region that a recall moved from is fenced after its grant has gone on elsewhere.
        Poll.until(
                () -> {
                    fleet.sync();
                    fleet.settle();
                    return Stream.of(lender, other)
                            .flatMap(host -> fleet.regionStates(host).stream())
                            .allMatch("FREE"::equals);
                });
        broker.holdInvariants();
    }

    private Http.Answer schedule(FakeAgent host, String wanted) {
        String path = "/api/v1/hosts/" + host.hostId();
        return broker.admin()
                .patch(
                        path,
                        Map.of("spec", Map.of("scheduling", wanted)),
                        "If-Match",
                        broker.admin().get(path).etag().orElseThrow());
    }

    private Http.Answer recall(FakeAgent host) {
        return broker.admin()
                .post(
                        "/api/v1/hosts/" + host.hostId() + "/recalls",
                        Map.of("spec", Map.of("bytes", 64 * MIB)),
                        "Idempotency-Key",
                        UUID.randomUUID().toString());
    }

    /// Another agent of the host says that the VM is off and on again.
    private Http.Answer power(FakeAgent borrower) {
        synchronized (borrower) {
            borrower.setVm(borrower.vmId(), VmReport.State.OFF, false);
            borrower.report();
            borrower.setVm(borrower.vmId(), VmReport.State.RUNNING, true);
            borrower.report();
            return broker.admin().get("/api/v1/vms/" + borrower.vmId());
        }
    }

    private void endRecalls(FakeAgent... hosts) {
        for (FakeAgent host : hosts) {
            broker.admin()
                    .get("/api/v1/recalls?hostId=" + host.hostId())
                    .body()
                    .get("items")
                    .forEach(
                            recall ->
                                    broker.admin()
                                            .delete(
                                                    "/api/v1/recalls/"
                                                            + recall.at("/id").asString()));
        }
    }

    private List<String> live(FakeAgent borrower) {
        return broker.admin()
                .get(
                        "/api/v1/grants?pageSize=200&state=RESERVED,PREPARED,ACTIVE,DEGRADED,"
                                + "RECALLING,DRAINING,FENCED&vmId="
                                + borrower.vmId())
                .body()
                .get("items")
                .findValuesAsString("id");
    }

    @Test
    void case5ReadsNoBodyThatIsDeepDoubledOrNotText() {
        String deep = "{\"spec\":" + "{\"a\":".repeat(5000) + "1" + "}".repeat(5000) + "}";
        assertThat(post(deep).code()).isEqualTo("malformed_request");
        assertThat(post("{\"spec\":{},\"spec\":{}}").code()).isEqualTo("malformed_request");
        assertThat(post("{\"spec\":{\"name\":\"a\",\"name\":\"b\",\"roles\":[\"admin\"]}}").code())
                .isEqualTo("malformed_request");
        for (String name : List.of("a\\u0000b", "a\\u202eb", "<script>", "a b", "ü")) {
            assertThat(post("{\"spec\":{\"name\":\"" + name + "\",\"roles\":[\"admin\"]}}").code())
                    .as(name)
                    .isEqualTo("invalid_name");
        }
    }

    @Test
    void case5ReadsNoBytesThatAreNoText() throws IOException {
        byte[] body = {'{', '"', 's', (byte) 0xC0, (byte) 0x80, '"', ':', '1', '}'};
        assertThat(raw(head("Content-Length: " + body.length), body)).startsWith("HTTP/1.1 400");
    }

    @Test
    void case5WaitsForNoBodyThatIsEndless() throws IOException {
        byte[] chunk =
                ("8000\r\n" + "x".repeat(0x8000) + "\r\n").getBytes(StandardCharsets.US_ASCII);
        byte[] body = new byte[chunk.length * 4];
        for (int i = 0; i < 4; i++) {
            System.arraycopy(chunk, 0, body, i * chunk.length, chunk.length);
        }
        byte[] json = "1\r\n\"\r\n".getBytes(StandardCharsets.US_ASCII);
        byte[] all = new byte[json.length + body.length];
        System.arraycopy(json, 0, all, 0, json.length);
        System.arraycopy(body, 0, all, json.length, body.length);
        assertThat(raw(head("Transfer-Encoding: chunked"), all)).startsWith("HTTP/1.1 413");
    }

    @Test
    void refusesACallerBeforeItReadsHisBody() throws IOException {
        String token =
                tokens.token(Tokens.DEFAULT_TENANT, "tenant-viewer").body().at("/token").asString();
        String head =
                "POST /api/v1/tokens HTTP/1.1\r\nHost: b\r\nConnection: close\r\nAuthorization: Bearer "
                        + token
                        + "\r\nContent-Type: application/json\r\nContent-Length: 60000\r\n\r\n";
        assertThat(raw(head, new byte[0])).startsWith("HTTP/1.1 403");
    }

    @Test
    void tellsWhoAsksTooOftenWhenToComeAgain() throws Exception {
        List<Callable<Http.Answer>> calls = new ArrayList<>();
        for (int i = 0; i < 400; i++) {
            calls.add(() -> broker.caller("mfa_none").get("/agent/v1/commands"));
        }
        Map<Integer, Long> statuses =
                atOnce(calls).stream()
                        .collect(Collectors.groupingBy(Http.Answer::status, Collectors.counting()));
        assertThat(statuses).containsOnlyKeys(401, 429);
    }

    private Http.Answer post(String body) {
        return broker.admin()
                .postRaw("/api/v1/tokens", body, "Idempotency-Key", UUID.randomUUID().toString());
    }

    private String head(String length) throws IOException {
        String token = Files.readString(broker.dataDir().resolve("admin-token")).strip();
        return "POST /api/v1/tenants HTTP/1.1\r\nHost: b\r\nConnection: close\r\nAuthorization: Bearer "
                + token
                + "\r\nContent-Type: application/json\r\nIdempotency-Key: k\r\n"
                + length
                + "\r\n\r\n";
    }

    private String raw(String head, byte[] body) throws IOException {
        try (Socket socket = new Socket(broker.address().getHost(), broker.address().getPort())) {
            socket.setSoTimeout(15_000);
            OutputStream out = socket.getOutputStream();
            out.write(head.getBytes(StandardCharsets.US_ASCII));
            out.write(body);
            out.flush();
            InputStream in = socket.getInputStream();
            byte[] start = in.readNBytes(12);
            return new String(start, StandardCharsets.US_ASCII);
        }
    }

    private static List<Http.Answer> atOnce(List<Callable<Http.Answer>> calls) throws Exception {
        List<Http.Answer> answers = new ArrayList<>();
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Future<Http.Answer> answer : threads.invokeAll(calls)) {
                answers.add(answer.get());
            }
        }
        return answers;
    }
}
