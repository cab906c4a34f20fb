package io.memfabric.client;

import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Iterator;
import java.util.Map;
import java.util.Optional;
import java.util.Spliterators;
import java.util.UUID;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The broker's REST API as `broker.yaml` has it: JSON in, JSON out, problems as
/// [FabricException]. Safe for use by several threads.
///
/// What failed on the way or for a moment (429, 502, 503, 504) is tried again for up to half a
/// minute where that cannot happen twice: reads, deletions, and posts, which go out under one
/// `Idempotency-Key`.
public final class RestConnection implements AutoCloseable {

    private static final Duration REQUEST = Duration.ofSeconds(45);
    private static final Duration RETRIES = Duration.ofSeconds(30);
    private static final JsonMapper JSON = JsonMapper.builder().build();

    private final HttpClient http;
    private final URI base;
    private final String token;

    public RestConnection(Profile profile) {
        String text = profile.url().toString();
        this.base = URI.create(text.endsWith("/") ? text : text + "/");
        this.token = profile.token();
        HttpClient.Builder builder =
                HttpClient.newBuilder()
                        .version(HttpClient.Version.HTTP_1_1)
                        .connectTimeout(Duration.ofSeconds(5));
        profile.authority().map(Authority::trusting).ifPresent(builder::sslContext);
        this.http = builder.build();
    }

    /// A resource with the revision that its next change names.
    ///
    /// @param etag empty where the resource has none
    public record Versioned(JsonNode body, Optional<String> etag) {}

    public JsonNode get(String path) {
        return read(path).body();
    }

    public Versioned read(String path) {
        HttpResponse<String> answer = repeated(request(path).GET());
        return new Versioned(body(answer), answer.headers().firstValue("ETag"));
    }

    public JsonNode post(String path, Object body) {
        return body(repeated(with("POST", path, body)));
    }

    /// Posts what takes the place of something as it is now; fails with `revision_conflict` where
    /// somebody else changes it in between.
    public JsonNode postOver(String current, String path, Object body) {
        return body(repeated(withRevision(with("POST", path, body), current)));
    }

    public JsonNode put(String path, Object body) {
        return body(once(withRevision(with("PUT", path, body), path)));
    }

    /// Changes a resource as it is now; fails with `revision_conflict` where somebody else changes
    /// it in between.
    public JsonNode patch(String path, Object body) {
        HttpRequest.Builder change =
                with("PATCH", path, body).setHeader("Content-Type", "application/merge-patch+json");
        return body(once(withRevision(change, path)));
    }

    public JsonNode delete(String path) {
        return body(repeated(request(path).DELETE()));
    }

    /// The items of a list, page after page as they are needed.
    public Stream<JsonNode> list(String path) {
        return StreamSupport.stream(
                Spliterators.spliteratorUnknownSize(new Pages(this, path), 0), false);
    }

    /// The lines of an event stream, from after this event on; the stream ends with its connection.
    ///
    /// @param after the last event that was seen, or an empty text
    public Stream<String> follow(String path, String after) {
        HttpRequest.Builder request =
                request(path).setHeader("Accept", "text/event-stream, application/problem+json");
        if (!after.isEmpty()) {
            request.setHeader("Last-Event-ID", after);
        }
        try {
            HttpResponse<Stream<String>> answer =
                    http.send(request.build(), BodyHandlers.ofLines());
            if (answer.statusCode() != 200) {
                try (Stream<String> lines = answer.body()) {
                    String text = String.join("\n", lines.toList());
                    throw problem(answer.statusCode(), parse(answer.statusCode(), text));
                }
            }
            return answer.body();
        } catch (IOException e) {
            throw unreachable(e);
        } catch (InterruptedException e) {
            throw interrupted();
        }
    }

    /// A query's end of a path, such as `?pageSize=200`; values that are null are left out.
    public static String query(Map<String, ? extends @Nullable Object> values) {
        StringBuilder text = new StringBuilder();
        values.forEach(
                (name, value) -> {
                    if (value != null) {
                        text.append(text.isEmpty() ? '?' : '&')
                                .append(name)
                                .append('=')
                                .append(
                                        URLEncoder.encode(
                                                value.toString(), StandardCharsets.UTF_8));
                    }
                });
        return text.toString();
    }

    @Override
    public void close() {
        http.shutdownNow();
    }

    private HttpRequest.Builder request(String path) {
        return HttpRequest.newBuilder(base.resolve(path.substring(path.startsWith("/") ? 1 : 0)))
                .timeout(REQUEST)
                .header("Authorization", "Bearer " + token)
                .header("Accept", "application/json, application/problem+json");
    }

    private HttpRequest.Builder with(String method, String path, Object body) {
        HttpRequest.Builder request =
                request(path)
                        .header("Content-Type", "application/json")
                        .method(method, BodyPublishers.ofString(JSON.writeValueAsString(body)));
        return method.equals("POST")
                ? request.header("Idempotency-Key", UUID.randomUUID().toString())
                : request;
    }

    private HttpRequest.Builder withRevision(HttpRequest.Builder change, String path) {
        read(path).etag().ifPresent(etag -> change.header("If-Match", etag));
        return change;
    }

    private HttpResponse<String> once(HttpRequest.Builder request) {
        try {
            return http.send(request.build(), BodyHandlers.ofString());
        } catch (IOException e) {
            throw unreachable(e);
        } catch (InterruptedException e) {
            throw interrupted();
        }
    }

    private HttpResponse<String> repeated(HttpRequest.Builder request) {
        Backoff backoff = new Backoff(RETRIES);
        try {
            while (true) {
                FabricException broken;
                try {
                    HttpResponse<String> answer =
                            http.send(request.build(), BodyHandlers.ofString());
                    if (!isForAMoment(answer.statusCode())
                            || !backoff.sleep(answer.headers().firstValue("Retry-After"))) {
                        return answer;
                    }
                    continue;
                } catch (IOException e) {
                    broken = unreachable(e);
                }
                if (!backoff.sleep(Optional.empty())) {
                    throw broken;
                }
            }
        } catch (InterruptedException e) {
            throw interrupted();
        }
    }

    private static boolean isForAMoment(int status) {
        return status == 429 || status == 502 || status == 503 || status == 504;
    }

    private static JsonNode body(HttpResponse<String> answer) {
        JsonNode body = parse(answer.statusCode(), answer.body());
        if (answer.statusCode() / 100 != 2) {
            throw problem(answer.statusCode(), body);
        }
        return body;
    }

    private static JsonNode parse(int status, String text) {
        try {
            return text.isBlank() ? JSON.createObjectNode() : JSON.readTree(text);
        } catch (JacksonException e) {
            throw new FabricException(
                    "not_a_broker", status, false, "the answer is not JSON: HTTP " + status);
        }
    }

    private static FabricException problem(int status, JsonNode body) {
        String title = body.path("title").asString("HTTP " + status);
        return new FabricException(
                body.path("code").asString("http_" + status),
                status,
                body.path("retryable").asBoolean(false),
                body.path("detail").asString(title));
    }

    private FabricException unreachable(IOException e) {
        return new FabricException(
                FabricException.UNREACHABLE, 0, true, "no broker answers at " + base + ": " + e);
    }

    private static FabricException interrupted() {
        Thread.currentThread().interrupt();
        return new FabricException("interrupted", 0, true, "interrupted while waiting");
    }

    /// Turns the pages of a list into one sequence.
    private static final class Pages implements Iterator<JsonNode> {

        private final RestConnection rest;
        private final String path;
        private Iterator<JsonNode> page;
        private @Nullable String next;

        Pages(RestConnection rest, String path) {
            this.rest = rest;
            this.path = path;
            JsonNode first = rest.get(path);
            this.page = first.path("items").iterator();
            this.next = first.path("nextPageToken").asString(null);
        }

        @Override
        public boolean hasNext() {
            while (!page.hasNext() && next != null) {
                String token = URLEncoder.encode(next, StandardCharsets.UTF_8);
                JsonNode answer =
                        rest.get(path + (path.contains("?") ? "&" : "?") + "pageToken=" + token);
                page = answer.path("items").iterator();
                next = answer.path("nextPageToken").asString(null);
            }
            return page.hasNext();
        }

        @Override
        public JsonNode next() {
            if (!hasNext()) {
                throw new java.util.NoSuchElementException();
            }
            return page.next();
        }
    }
}
