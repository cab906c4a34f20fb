package io.memfabric.control;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// A caller of one or several brokers, with its token. A broker that cannot be reached is left for
/// the next one.
final class Rest {

    static final JsonMapper JSON = JsonMapper.builder().build();

    private static final HttpClient CLIENT =
            HttpClient.newBuilder()
                    .version(HttpClient.Version.HTTP_1_1)
                    .connectTimeout(Duration.ofSeconds(2))
                    .executor(Executors.newVirtualThreadPerTaskExecutor())
                    .build();

    private final List<URI> brokers;
    private final String token;
    private final AtomicInteger at;

    Rest(List<URI> brokers, String token, int first) {
        this.brokers = List.copyOf(brokers);
        this.token = token;
        this.at = new AtomicInteger(first);
    }

    Rest as(String otherToken) {
        return new Rest(brokers, otherToken, at.get());
    }

    /// The same caller, who asks another broker first.
    Rest startingAt(int first) {
        return new Rest(brokers, token, first);
    }

    /// Asks the next one from now on.
    void moveOn() {
        at.incrementAndGet();
    }

    boolean knowsSeveral() {
        return brokers.size() > 1;
    }

    record Answer(int status, JsonNode body) {}

    Answer get(String path, Duration limit) throws IOException {
        return send("GET", path, null, limit);
    }

    Answer get(String path) throws IOException {
        return get(path, Duration.ofSeconds(10));
    }

    Answer post(String path, Object body, String... headers) throws IOException {
        return send("POST", path, JSON.writeValueAsString(body), Duration.ofSeconds(10), headers);
    }

    Answer send(
            String method, String path, @Nullable String body, Duration limit, String... headers)
            throws IOException {
        int seen = at.get();
        int broker = Math.floorMod(seen, brokers.size());
        HttpRequest.Builder request =
                HttpRequest.newBuilder(brokers.get(broker).resolve(path))
                        .timeout(limit)
                        .header("Authorization", "Bearer " + token)
                        .method(
                                method,
                                body == null
                                        ? HttpRequest.BodyPublishers.noBody()
                                        : HttpRequest.BodyPublishers.ofString(body));
        if (body != null) {
            request.header("Content-Type", "application/json");
        }
        for (int i = 0; i < headers.length; i += 2) {
            request.header(headers[i], headers[i + 1]);
        }
        try {
            HttpResponse<String> response =
                    CLIENT.send(request.build(), HttpResponse.BodyHandlers.ofString());
            String text = response.body();
            return new Answer(
                    response.statusCode(),
                    text.isEmpty() ? JSON.createObjectNode() : JSON.readTree(text));
        } catch (IOException e) {
            at.compareAndSet(seen, seen + 1);
            throw e;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }
}
