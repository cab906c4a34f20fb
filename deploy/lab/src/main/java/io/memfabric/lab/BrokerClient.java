package io.memfabric.lab;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.util.Map;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The broker's REST API as a plain client sees it.
public final class BrokerClient {

    private static final Duration LIMIT = Duration.ofSeconds(40);
    private static final JsonMapper JSON = new JsonMapper();

    /// An answer, good or bad. The body of a problem has its `code`.
    public record Reply(int status, JsonNode body, @Nullable String etag) {

        public boolean ok() {
            return status >= 200 && status < 300;
        }

        /// The stable code of a problem, or an empty text.
        public String code() {
            return body.path("code").asString("");
        }
    }

    private final HttpClient http =
            HttpClient.newBuilder()
                    .version(HttpClient.Version.HTTP_1_1)
                    .connectTimeout(Duration.ofSeconds(5))
                    .build();
    private final URI base;
    private final String token;

    BrokerClient(URI base, String token) {
        this.base = base;
        this.token = token;
    }

    /// GET, whatever the status.
    public Reply tryGet(String path) {
        return send(request(path).GET());
    }

    /// GET, which must work.
    public JsonNode get(String path) {
        return good("GET " + path, tryGet(path)).body();
    }

    /// POST with an idempotency key of its own, whatever the status.
    public Reply tryPost(String path, Map<String, ?> body) {
        return send(
                request(path)
                        .header("Idempotency-Key", UUID.randomUUID().toString())
                        .POST(BodyPublishers.ofString(JSON.writeValueAsString(body))));
    }

    /// POST, which must work.
    public JsonNode post(String path, Map<String, ?> body) {
        return good("POST " + path, tryPost(path, body)).body();
    }

    /// Changes a resource as it is now: reads it for its revision, then sends the change.
    public JsonNode patch(String path, Map<String, ?> body) {
        Reply now = tryGet(path);
        String etag = good("GET " + path, now).etag();
        HttpRequest.Builder change =
                request(path)
                        .method("PATCH", BodyPublishers.ofString(JSON.writeValueAsString(body)))
                        .setHeader("Content-Type", "application/merge-patch+json");
        if (etag != null) {
            change.header("If-Match", etag);
        }
        return good("PATCH " + path, send(change)).body();
    }

    /// DELETE, whatever the status.
    public Reply tryDelete(String path) {
        return send(request(path).DELETE());
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(base.resolve(path))
                .timeout(LIMIT)
                .header("Authorization", "Bearer " + token)
                .header("Content-Type", "application/json")
                .header("Accept", "application/json, application/problem+json");
    }

    private Reply send(HttpRequest.Builder request) {
        try {
            HttpResponse<String> response = http.send(request.build(), BodyHandlers.ofString());
            String text = response.body();
            JsonNode body = text.isBlank() ? JSON.createObjectNode() : JSON.readTree(text);
            return new Reply(
                    response.statusCode(),
                    body,
                    response.headers().firstValue("ETag").orElse(null));
        } catch (IOException e) {
            throw new LabException("the broker does not answer: " + e, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new LabException("interrupted", e);
        }
    }

    private static Reply good(String what, Reply reply) {
        if (!reply.ok()) {
            throw new LabException("%s: %d %s".formatted(what, reply.status(), reply.body()));
        }
        return reply;
    }
}
