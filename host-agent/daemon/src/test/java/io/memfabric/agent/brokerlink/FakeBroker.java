package io.memfabric.agent.brokerlink;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;
import io.memfabric.agent.certificate.TestAuthority;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import tools.jackson.databind.json.JsonMapper;

/// A broker that answers what a test wrote down, in order, then the usual, and keeps what it was
/// told.
final class FakeBroker implements AutoCloseable {

    static final UUID HOST = UUID.fromString("00000000-0000-0000-0000-0000000000aa");

    private final HttpServer server;
    private final TestAuthority authority;
    private final Map<String, Queue<Answer>> next = new HashMap<>();
    private final Map<String, Answer> usual = new HashMap<>();
    private final List<Call> calls = new CopyOnWriteArrayList<>();

    record Answer(int status, String body) {}

    record Call(String method, String path, String query, String bearer, String body) {}

    FakeBroker() throws IOException {
        this(
                HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0),
                new TestAuthority());
    }

    /// One that shows itself with a certificate of the authority.
    static FakeBroker withTls() throws IOException {
        HttpsServer server =
                HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        TestAuthority authority = new TestAuthority();
        server.setHttpsConfigurator(new HttpsConfigurator(authority.broker()));
        return new FakeBroker(server, authority);
    }

    String authorityPem() {
        return authority.pem();
    }

    private FakeBroker(HttpServer server, TestAuthority authority) throws IOException {
        this.server = server;
        this.authority = authority;
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.createContext("/", this::serve);
        server.start();
        usually(
                "/agent/v1/reports",
                200,
                """
                {"mode":"HARVEST","lendLimitBytes":1000,"inventoryWanted":false,
                 "term":0,"moveOn":false}""");
        usually("/agent/v1/inventories", 204, "");
        usually("/agent/v1/results", 204, "");
        usually("/agent/v1/decisions", 204, "");
        usually("/agent/v1/commands", 200, "{\"revision\":0,\"term\":0,\"commands\":[]}");
    }

    URI uri() {
        String scheme = server instanceof HttpsServer ? "https" : "http";
        return URI.create(scheme + "://127.0.0.1:" + server.getAddress().getPort());
    }

    synchronized void usually(String path, int status, String body) {
        usual.put(path, new Answer(status, body));
    }

    synchronized void next(String path, int status, String body) {
        next.computeIfAbsent(path, _ -> new ArrayDeque<>()).add(new Answer(status, body));
    }

    List<Call> calls(String path) {
        return calls.stream().filter(call -> call.path().equals(path)).toList();
    }

    private synchronized Answer answer(String path, String body) {
        Queue<Answer> queue = next.get(path);
        Answer answer = queue == null ? null : queue.poll();
        if (answer != null) {
            return answer;
        }
        Answer always = usual.get(path);
        if (always != null) {
            return always;
        }
        return switch (path) {
            case "/agent/v1/enroll" ->
                    new Answer(
                            201,
                            """
                            {"hostId":"%s","agentToken":"agent-secret","certificate":%s}"""
                                    .formatted(HOST, certify(body)));
            case "/agent/v1/certificates" -> new Answer(200, certify(body));
            default -> new Answer(404, "");
        };
    }

    private String certify(String body) {
        String request = JsonMapper.shared().readTree(body).get("certificateRequest").asString();
        return authority.answer(request, HOST);
    }

    private void serve(HttpExchange exchange) throws IOException {
        try (exchange) {
            String body =
                    new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            URI uri = exchange.getRequestURI();
            calls.add(
                    new Call(
                            exchange.getRequestMethod(),
                            uri.getPath(),
                            String.valueOf(uri.getQuery()),
                            String.valueOf(exchange.getRequestHeaders().getFirst("Authorization")),
                            body));
            Answer answer = answer(uri.getPath(), body);
            byte[] bytes = answer.body().getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(answer.status(), bytes.length == 0 ? -1 : bytes.length);
            exchange.getResponseBody().write(bytes);
        }
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
