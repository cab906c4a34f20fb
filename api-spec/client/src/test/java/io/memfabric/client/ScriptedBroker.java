package io.memfabric.client;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;

/// A broker on the loopback interface that answers what it was told to, in order; the last answer to
/// a request is repeated.
public final class ScriptedBroker implements AutoCloseable {

    /// A request as it came.
    public record Seen(String line, String idempotencyKey, String ifMatch, String body) {}

    private record Answer(int status, String body, Map<String, String> headers) {}

    private final HttpServer server;
    private final Map<String, Queue<Answer>> answers = new HashMap<>();
    private final Map<String, String> prefixes = new ConcurrentHashMap<>();
    private final List<Seen> seen = Collections.synchronizedList(new ArrayList<>());

    public ScriptedBroker() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::handle);
        server.start();
    }

    /// Answers `line`, such as `GET /api/v1/vms`, with this.
    public ScriptedBroker answer(String line, int status, String body) {
        return answer(line, status, body, Map.of());
    }

    public ScriptedBroker answer(
            String line, int status, String body, Map<String, String> headers) {
        synchronized (answers) {
            answers.computeIfAbsent(line, l -> new ArrayDeque<>())
                    .add(new Answer(status, body, headers));
        }
        return this;
    }

    /// Answers every line that begins so with this, where no whole line is scripted.
    public ScriptedBroker answerAny(String prefix, String body) {
        prefixes.put(prefix, body);
        return this;
    }

    public List<Seen> seen() {
        return List.copyOf(seen);
    }

    public List<String> lines() {
        return seen().stream().map(Seen::line).toList();
    }

    public URI address() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    public Profile profile() {
        return new Profile(address(), "secret", Optional.empty());
    }

    private void handle(HttpExchange exchange) {
        try (exchange) {
            String line = exchange.getRequestMethod() + " " + exchange.getRequestURI();
            String body =
                    new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8);
            seen.add(
                    new Seen(
                            line,
                            String.valueOf(
                                    exchange.getRequestHeaders().getFirst("Idempotency-Key")),
                            String.valueOf(exchange.getRequestHeaders().getFirst("If-Match")),
                            body));
            Answer answer = next(line, exchange);
            answer.headers().forEach(exchange.getResponseHeaders()::set);
            byte[] bytes = answer.body().getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(answer.status(), bytes.length == 0 ? -1 : bytes.length);
            exchange.getResponseBody().write(bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private Answer next(String line, HttpExchange exchange) {
        if (!"Bearer secret".equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
            return new Answer(401, "{\"code\":\"unauthenticated\",\"title\":\"No\"}", Map.of());
        }
        synchronized (answers) {
            Queue<Answer> left = answers.get(line);
            if (left == null) {
                for (Map.Entry<String, String> entry : prefixes.entrySet()) {
                    if (line.startsWith(entry.getKey())) {
                        return new Answer(200, entry.getValue(), Map.of());
                    }
                }
                return new Answer(
                        404, "{\"code\":\"not_found\",\"title\":\"Not there\"}", Map.of());
            }
            Answer answer = left.peek();
            if (left.size() > 1) {
                left.remove();
            }
            return java.util.Objects.requireNonNull(answer);
        }
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
